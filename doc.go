/*
Package sockets binds websockets to channels, as a Martini middleware. The handler that
follows it is given typed channels, and one select is a server:

	type Message struct{ Name, Text string }

	m := martini.Classic()
	m.Get("/echo", sockets.JSON(Message{}), func(
		receiver <-chan *Message,
		sender chan<- *Message,
		done <-chan bool,
		errors <-chan error,
	) {
		for {
			select {
			case msg := <-receiver:
				sender <- msg
			case err, ok := <-errors:
				if ok { // errors is closed after done
					log.Print(err)
				}
			case <-done:
				return
			}
		}
	})
	m.Run()

[JSON] makes channels of pointers to any type, [Messages] of strings, [ByteSliceMessages] of
byte slices. A handler asks for those that it uses, in any order; Martini injects them by
their types. One that asks for another type, such as chan<- Message, panics, and the log says
which types there are.

# Channels

T is the type given to [JSON].

	type                      name        capacity           sent by         closed by
	<-chan *T, <-chan string, receiver    RecvChannelBuffer  the library     nobody
	  <-chan []byte
	chan<- *T, chan<- string, sender      SendChannelBuffer  the handler     nobody, or
	  chan<- []byte                                                          the handler
	chan<- *sockets.Prepared  prepared    SendChannelBuffer  the handler     like the sender
	<-chan bool               done        1                  the library,    the library,
	                                                         one true        after it
	chan<- int                disconnect  1                  the handler,    nobody
	                                                         a close code
	<-chan error              errors      1                  the library,    the library,
	                                                         at most once    after done

Beside them, a context.Context is cancelled at the end, with a cause that says why, and a
[*Connection] gives the address, the subprotocol and Close(code, reason).

You may ignore any channel. While nobody takes from a full receiver, the library stops
reading, and TCP makes the client wait: no message is dropped, and the client is kept. But a
close frame queued after unread messages goes unnoticed until a ping fails. So a handler
that has no use for messages should still take them. While the client does not read, a send
blocks, for at most WriteWait; no channel waits longer because the other one is busy.

What is written to the http.ResponseWriter after the upgrade is dropped: what a handler
returns, what Martini's Recovery says. A handler that writes is still the last of its chain.

A value that was sent belongs to the library: do not change it. What is received belongs to
the handler, and is never nil.

Messages arrive whole, in order, none twice, in both directions. Order is kept within a
channel, not between the sender and the prepared channel.

# A connection's life

A request becomes a connection when it is a GET, its Origin is allowed, the [Group] has room
and is not shut down, and the handshake is right. Otherwise the answer is 405, 403, 503 or
400, and no later handler runs, even where middleware holds the response back. Headers that
earlier middleware has set go out with the 101, except handshake and body headers.

Then three goroutines serve it beside the handler's: a reader, a writer and a closer. All
three have ended before the middleware returns.

A connection ends when

  - the client closes it, vanishes, breaks the protocol, or is silent for PongWait,
  - the handler sends a code on disconnect, calls [Connection.Close], closes the sender,
    returns or panics,
  - a write takes longer than WriteWait, or a message cannot be encoded,
  - the context of the request ends, or the [Group] is shut down.

If this side ends it, everything that the handler had sent before goes out first, in at most
WriteWait, then the close frame. Nothing is sent after that. The library reads on and
discards, until the client's close frame comes, for at most five seconds, and then closes
the network connection.

What the client sent before it closed is offered to the handler first, for as long as the
handler takes a message every quarter of a second. Then come the error, if there is one, then
true on done, and then both channels are closed. After an error, done waits until the error
was taken, for at most a quarter of a second, so a select on both sees the error. From the
end until the handler returns, what is sent on any channel is taken and dropped: a room that
still holds the sender of a dead client goes on.

# Closing and errors

A regular end gives no error: the client closed with 1000, 1001 or no code, the handler
ended the connection, or the server shut down. Everything else gives exactly one. Tell them
apart with [errors.Is] and [errors.As]:

	the client closed with another code       *websocket.CloseError
	a message over MaxMessageSize came in     websocket.ErrReadLimit; closed with 1009
	a text that is not UTF-8 came in          ErrInvalidUTF8; closed with 1007
	JSON that does not decode came in         *json.SyntaxError and so on; closed with 1007
	the client broke the protocol             closed with 1002
	a message over MaxSendSize was sent       ErrMessageTooBig; closed with 1011
	a text that is not UTF-8 was sent         ErrInvalidUTF8; closed with 1011
	a message did not encode                  json's error; closed with 1011
	MarshalJSON or UnmarshalJSON panicked     closed with 1011
	the handler panicked                      closed with 1011; the panic goes on to Recovery
	the client was silent, a write took long  a net.Error with Timeout() true
	the client vanished                       io.ErrUnexpectedEOF, syscall.ECONNRESET and so on

The code goes out as soon as the fault is certain: when a header, or the sum of a message's
fragments, claims too much, and with the first bytes that cannot be UTF-8.

A handler can send any code of RFC 6455, section 7.4, on disconnect. 1005 sends a close frame
without a code. 1006 ends the stream without a close frame. Any other code that must not be
sent is logged as a warning and replaced by 1011. A handler that returns, or closes the
sender, closes with 1000, or with the code that waits in disconnect.

# Origin

Browsers let a page of any site open a websocket to any other, with the cookies of the
visitor (RFC 6455, section 10.2). So the origin of the page is checked: by default it must
be the host that was asked for. See [Options].AllowedOrigin.

# Concurrency

All channels can be used by any number of goroutines, as channels can. But the handler's
return ends the connection: it has to wait for the goroutines that use them. A send after
the handler has returned may block for ever, because nobody takes any more; leave rooms
first.

# Encode once

What goes to many connections can be encoded, framed and compressed once: make a [*Prepared]
of it, and send that to the prepared channel of each. Package rooms broadcasts them, also
between machines.

# Other routers

Without a router of its own, a Martini is an http.Handler for any other:

	m := martini.New()
	m.Use(sockets.JSON(Message{}))
	m.Action(handler)
	http.Handle("/ws", m)

# Testing

Handlers are functions of channels: a test can call them with channels that it made. Package
socketstest gives a client for a whole Martini, in memory.

# Metrics

[Group.Stats] counts connections, refusals, endings and messages, for any system that
collects numbers: see its example.
*/
package sockets
