package frame

import (
	"bufio"
	"io"
)

// minBuffer holds the header and payload of any control frame, and is large
// enough for gorilla to share.
const minBuffer = 512

// input buffers the bytes of a peer.
type input struct {
	*bufio.Reader
	err error // an error that came together with bytes; the bytes count first
}

// need blocks until n bytes are buffered. n must not exceed the size of the buffer.
func (in *input) need(n int) error {
	if in.err != nil {
		return in.err
	}
	_, err := in.Peek(n)
	return err
}

// peek returns the next n buffered bytes. They are valid until the next call of need.
func (in *input) peek(n int) []byte {
	p, _ := in.Peek(n)
	return p
}

// take removes the next n bytes from the buffer and returns them. They are
// valid until the next call of need.
func (in *input) take(n int) []byte {
	p := in.peek(n)
	in.Discard(n)
	return p[:n:n]
}

// fill reads at least one byte into p, from the buffer or from the network.
// Small reads go through the buffer, so that bytes after them can come along.
// bufio reads large ones straight into p.
func (in *input) fill(p []byte) (int, error) {
	for in.err == nil {
		var n int
		if n, in.err = in.Read(p); n > 0 {
			return n, nil
		}
	}
	return 0, in.err
}

// NewBuffer returns the buffer that NewReader needs. It reads from src.
func NewBuffer(src io.Reader, size int) *bufio.Reader {
	return bufio.NewReaderSize(src, max(size, minBuffer))
}
