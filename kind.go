package sockets

// kind holds what differs between the kinds of messages. Everything else about
// a connection is the same for all of them.
type kind[M any] interface {
	// frameType returns the opcode of outgoing messages.
	frameType() int
	// textOnly reports whether messages must be UTF-8 even in binary frames.
	textOnly() bool
	// borrows reports whether decode keeps nothing of its data.
	borrows() bool
	// channels makes the receiver and the sender of one connection.
	channels(receive, send int) pair[M]
	// decode makes a message of data. It may keep data if owned is true.
	decode(data []byte, owned bool) (M, error)
	// encoder returns a function that encodes one message at a time. The
	// function passes each encoded message to send once, and returns send's
	// error. send does not keep the payload.
	encoder(send func(payload []byte) error) func(M) error
}

// pair holds the two channels whose type depends on the messages: as the
// goroutines use them, and as they are injected into the handler.
type pair[M any] struct {
	receiver chan M
	sender   chan M
	injected [2]any
}

func directed[M any](receiver, sender chan M) pair[M] {
	return pair[M]{receiver, sender, [2]any{(<-chan M)(receiver), (chan<- M)(sender)}}
}
