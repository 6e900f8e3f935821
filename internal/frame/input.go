package frame

import (
	"bufio"
	"io"
)

// minBuffer holds the header and the payload of any control frame, and is large
// enough for gorilla to share.
const minBuffer = 512

// input is the bytes of a peer, buffered.
type input struct {
	*bufio.Reader
	err error // came together with bytes, which count, and comes after them
}

// need blocks until n bytes are buffered; n is at most the size of the buffer.
func (in *input) need(n int) error {
	if in.err != nil {
		return in.err
	}
	_, err := in.Peek(n)
	return err
}

// peek is the next n buffered bytes. They are good until the next need.
func (in *input) peek(n int) []byte {
	p, _ := in.Peek(n)
	return p
}

// take takes the next n buffered bytes. They are good until the next need.
func (in *input) take(n int) []byte {
	p := in.peek(n)
	in.Discard(n)
	return p[:n:n]
}

// fill reads some bytes, at least one, into p: those that are buffered, or what
// the network has. Small reads go through the buffer, where what follows can
// join them; bufio reads large ones straight into p.
func (in *input) fill(p []byte) (int, error) {
	for in.err == nil {
		var n int
		if n, in.err = in.Read(p); n > 0 {
			return n, nil
		}
	}
	return 0, in.err
}

// NewBuffer returns a buffer for a Reader of what comes from src.
func NewBuffer(src io.Reader, size int) *bufio.Reader {
	return bufio.NewReaderSize(src, max(size, minBuffer))
}
