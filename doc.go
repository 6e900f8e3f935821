/*
Package sockets binds a websocket to channels. A handler receives typed channels, and
one select makes a server:

	type Message struct{ Name, Text string }

	func echo(r *http.Request, c sockets.Channels[*Message]) {
		for {
			select {
			case msg := <-c.Receiver:
				c.Sender <- msg
			case err, ok := <-c.Errors:
				if ok { // Errors is closed after Done
					log.Printf("%q", err) // may quote the client
				}
			case <-c.Done:
				return
			}
		}
	}

	http.Handle("/echo", sockets.HandleJSON(echo, nil))

[HandleJSON] makes channels of pointers to any type, [HandleText] channels of strings,
and [HandleBytes] channels of byte slices. Each returns an http.Handler, for net/http's
ServeMux and for any other router.

# Martini

In Martini the same channels are arguments of the handler. It asks for those that it uses,
in any order. [JSON], [Messages] and [ByteSliceMessages] are the middleware before it:

	m := martini.Classic()
	m.Get("/echo", sockets.JSON(Message{}), func(
		receiver <-chan *Message, sender chan<- *Message, done <-chan bool,
	) {
		for {
			select {
			case msg := <-receiver:
				sender <- msg
			case <-done:
				return
			}
		}
	})

Martini injects values by their type. If a handler asks for any other type, such as
chan<- Message, Martini panics, and the log lists the types. Call the functions,
Messages() and not Messages, and give the result before the handler.

# Channels

T is the type of a JSON message. [Channels] has a field for each name. RecvChannelBuffer
and SendChannelBuffer are fields of [Options].

	type                      name        capacity           sent by       closed by
	<-chan *T, <-chan string, receiver    RecvChannelBuffer  the library   nobody
	  <-chan []byte
	chan<- *T, chan<- string, sender      SendChannelBuffer  the handler   nobody, or
	  chan<- []byte                                                        the handler
	chan<- *sockets.Prepared  prepared    SendChannelBuffer  the handler   nobody, or
	                                                                       the handler
	<-chan bool               done        1                  the library,  the library,
	                                                         one true      after it
	chan<- int                disconnect  1                  the handler,  nobody
	                                                         a close code
	<-chan error              errors      1                  the library,  the library,
	                                                         at most once  after done

There are also a context.Context and a [*Connection]. The context is cancelled when the
end is decided, before done; [context.Cause] gives the reason. The Connection has the
client's address, the subprotocol, Close(code, reason) and CloseAt(time, code, reason).

You may ignore any channel. While the receiver is full, the library stops reading and TCP
makes the client wait; no message is dropped. But a close frame queued after unread
messages goes unnoticed until a ping fails, so take messages even if you do not use them.
If the client does not read, a send blocks for at most WriteWait. The sender and the
prepared channel take turns: neither waits because the other is busy.

Messages arrive whole and in order; none is lost and none comes twice. Order is
kept within a channel, not between the sender and the prepared channel. Do not
change a value after you send it. A received value is yours and is never nil.

Any number of goroutines can use the channels. But the connection ends when the handler
returns, so the handler has to wait for these goroutines: a later send may block for ever.
Leave rooms before you return.

# The end of a connection

The handler first receives what the client sent before the end, and may answer.
Then come the error, if there is one, and true on done. After that both channels
are closed. Until the handler returns, whatever it sends is taken and dropped, so
no send blocks. [Connection] describes its life, and [ErrMessageTooBig] all errors.

# More

[Options] has timeouts, limits and the check of a page's origin. [Group] shuts
connections down, counts them and limits their number, in total and for each address or
account. [Proxies] finds the client's address behind proxies. [Prepared] is a message that
is encoded once for many connections. Package rooms broadcasts to members, on many
machines if needed. Package live is the page's half. Package socketstest tests handlers in
memory.
*/
package sockets
