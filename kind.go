package sockets

// kind is what tells one kind of messages from another. Everything else about a
// connection is the same for all.
type kind[M any] interface {
	// frameType is the opcode of outgoing messages.
	frameType() int
	// textOnly says that messages are text even when they come in binary frames.
	textOnly() bool
	// borrows says that decode keeps nothing of its data.
	borrows() bool
	// channels makes the receiver and the sender of one connection.
	channels(receive, send int) pair[M]
	// decode makes a message of data, which it may keep if that is owned.
	decode(data []byte, owned bool) (M, error)
	// encoder returns what encodes one message after the other. It gives each
	// to send, once, and returns send's error. Send does not keep it.
	encoder(send func(payload []byte) error) func(M) error
}

// pair is the two channels that depend on the type of the messages, as the
// goroutines use them and as the handler is given them.
type pair[M any] struct {
	receiver chan M
	sender   chan M
	injected [2]any
}

func directed[M any](receiver, sender chan M) pair[M] {
	return pair[M]{receiver, sender, [2]any{(<-chan M)(receiver), (chan<- M)(sender)}}
}
