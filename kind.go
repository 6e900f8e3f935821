package sockets

import (
	"bytes"
	"encoding/json"
	"io"
	"sync"
)

// kind is what tells one kind of messages from another. Everything else about a connection is the same for all.
type kind[M any] interface {
	// frameType is the opcode of outgoing messages.
	frameType() int
	// textOnly says that messages are text even when they come in binary frames.
	textOnly() bool
	// channels makes the receiver and the sender of one connection.
	channels(receive, send int) pair[M]
	// decode makes a message of data, which it must not keep.
	decode(data []byte) (M, error)
	// encode makes a frame's payload of m, good until the next use of the buffers.
	encode(out *buffers, m M) ([]byte, error)
}

// pair is the two channels that depend on the type of the messages, as the bridge uses them and as the handler is given them.
type pair[M any] struct {
	receiver chan M
	sender   chan M
	injected [2]any
}

// buffers are what writing needs for the time of a batch, and reading for the time of a message.
type buffers struct {
	batch []byte
	bytes.Buffer
	json    *json.Encoder // into the Buffer
	limited io.LimitedReader
}

var (
	readPool  = sync.Pool{New: func() any { return new(buffers) }}
	writePool = sync.Pool{New: func() any {
		b := &buffers{batch: make([]byte, 0, batchSize)}
		b.json = json.NewEncoder(b)
		return b
	}}
)

// release puts b back, unless a large message has made it large: the pool would keep that size for the small ones.
func (b *buffers) release(pool *sync.Pool) {
	if b.Cap() > 4*batchSize {
		return
	}
	b.Reset()
	b.limited.R = nil
	pool.Put(b)
}
