/*
Package sockets binds websockets to channels, as a Martini middleware. The handler behind it is given typed channels, and one select is
a server:

	type Message struct{ Name, Text string }

	m := martini.Classic()
	m.Get("/echo", sockets.JSON(Message{}), func(
		receiver <-chan *Message, sender chan<- *Message, done <-chan bool, disconnect chan<- int, errors <-chan error,
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

[JSON] makes channels of pointers to any type, [Messages] of strings, [ByteSliceMessages] of byte slices. A handler asks for those
that it uses, in any order; Martini injects them by their types.

# Channels

T is the type given to [JSON].

	type                                         name        capacity           who sends            who closes
	<-chan *T, <-chan string, <-chan []byte      receiver    RecvChannelBuffer  the library          nobody
	chan<- *T, chan<- string, chan<- []byte      sender      SendChannelBuffer  the handler          nobody, or the handler
	chan<- *websocket.PreparedMessage            prepared    SendChannelBuffer  the handler          nobody, or the handler
	<-chan bool                                  done        1                  the library: true    the library, after it
	chan<- int                                   disconnect  1                  the handler: a code  nobody
	<-chan error                                 errors      1                  the library, once    the library, after done
	context.Context                              cancelled at the end; its cause says why
	*sockets.Connection                          RemoteAddr, Subprotocol, Close(code, reason)

Nobody has to listen. While nobody takes from the receiver, the library stops reading when it is full, and TCP makes the client
wait: nothing is dropped, and the client is kept. But a close frame that stands behind messages which nobody takes is not seen; such an end is
found out by the next ping that fails. So a handler that has no use for messages should still take them. While the
client does not read, a send blocks, for at most WriteWait. Errors and done wait for the handler.

What is written to the http.ResponseWriter after the upgrade is dropped: what a handler returns, what Martini's Recovery says. A
handler that writes still is the last of its chain.

A value sent belongs to the library from then on: it must not be changed. What is
received belongs to the handler, and is never nil.

Messages arrive whole, in order, none twice, in both directions. Order is kept within a channel, not between the sender and
the prepared channel.

# A connection's life

A request becomes a connection when it is a GET, its Origin is allowed, the [Group] is not shut down, and the handshake is right; else 405, 403,
503 or 400 is the answer and no later handler runs. The headers that earlier middleware has set go out with the 101, those of the handshake and of a
body excepted.

Then three goroutines serve it beside the handler's: a reader, a writer, and a closer. All three have ended before the middleware returns.

A connection ends when

  - the client closes it, vanishes, breaks the protocol, or is silent for PongWait,
  - the handler sends a code on disconnect, calls [Connection.Close], closes the sender, returns or panics,
  - a write takes longer than WriteWait, or a message cannot be encoded,
  - the context of the request ends, or the [Group] is shut down.

Where this side ends it, everything that the handler had sent before goes out first, in at most WriteWait; then the
close frame, after which nothing is sent. The library reads on, discarding, until the client's close frame comes, for at most five seconds, and only
then closes the network connection.

What the client had sent before it closed is offered to the handler before it is told of the end: when the receiver is empty, or
nothing was taken from it for a quarter of a second, comes the error, if there is one, then true on done, and then both channels are
closed. After an error, done waits until the error was taken, for a quarter of a second at most; so a select on both sees the
error. From the end until the handler returns, what is sent on any channel is taken and dropped: a room that still holds the sender of
a dead client goes on.

# Closing and errors

A regular end gives no error: the client closed with 1000, 1001 or no code, the handler ended the connection, or the server shut
down. Everything else gives exactly one. Tell them apart with [errors.Is] and [errors.As]:

	the client closed with another code       *websocket.CloseError
	a message over MaxMessageSize came in     websocket.ErrReadLimit; closed with 1009
	a text that is not UTF-8 came in          ErrInvalidUTF8; closed with 1007
	JSON that does not decode came in         *json.SyntaxError and so on; closed with 1007
	the client broke the protocol             closed with 1002
	a message over MaxMessageSize was sent    ErrMessageTooBig; closed with 1011
	a text that is not UTF-8 was sent         ErrInvalidUTF8; closed with 1011
	a message did not encode                  json's error; closed with 1011
	MarshalJSON or UnmarshalJSON panicked     closed with 1011
	the handler panicked                      closed with 1011; the panic goes on to Recovery
	the client was silent, a write took long  a net.Error with Timeout() true; nothing can be sent
	the client vanished                       io.ErrUnexpectedEOF, syscall.ECONNRESET and so on; nothing can be sent

A handler can send any code of RFC 6455, section 7.4, on disconnect. 1005 sends a close frame without a code, and 1006 drops the connection
without a close frame. Any other code that must not be sent is logged as a warning and replaced by 1011. A handler that returns, or
closes the sender, closes with 1000, or with the code that waits in disconnect.

# Origin

Browsers let a page of any site open a websocket to any other, with the cookies of the visitor (RFC 6455, section 10.2). So the
origin of the page is checked: by default it must be the host that was asked for. See [Options].AllowedOrigin.

# Concurrency

All channels can be used by any number of goroutines, as channels can. But the handler's return ends the connection: it has to wait for the
goroutines that use them. Sending on a channel after the handler has returned may block for ever, because nobody takes
any more; leave rooms first.

# Encode once

What is sent to many connections can be encoded, framed and compressed once: make a websocket.PreparedMessage of it, and send that to
the prepared channel of each. It goes out as it is: neither MaxMessageSize nor UTF-8 is checked.

# Testing

Handlers are functions of channels: a test can call them with channels that it made. Package socketstest gives a client for a whole Martini,
in memory.
*/
package sockets
