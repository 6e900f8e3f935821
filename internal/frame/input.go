package frame

import "io"

// minBuffer holds the header and the payload of any control frame.
const minBuffer = 256

// input is the bytes of a peer, buffered.
type input struct {
	src     io.Reader
	buf     []byte
	at, end int   // buf[at:end] waits to be taken
	err     error // why nothing more can be read
}

func (in *input) buffered() int { return in.end - in.at }

// need blocks until n bytes are buffered; n is at most the size of the buffer.
func (in *input) need(n int) error {
	for in.buffered() < n {
		if in.err != nil {
			return in.err
		}
		if in.at+n > len(in.buf) || in.at == in.end {
			in.end = copy(in.buf, in.buf[in.at:in.end])
			in.at = 0
		}
		in.end += in.read(in.buf[in.end:])
	}
	return nil
}

// take takes the next n buffered bytes. They are good until the next need.
func (in *input) take(n int) []byte {
	p := in.buf[in.at : in.at+n : in.at+n]
	in.at += n
	return p
}

// fill reads some bytes, at least one, into p: those that are buffered, or what the network
// has. Small reads go through the buffer, where what follows can join them.
func (in *input) fill(p []byte) (int, error) {
	if in.buffered() == 0 && len(p) >= len(in.buf) {
		for in.err == nil {
			if n := in.read(p); n > 0 {
				return n, nil
			}
		}
		return 0, in.err
	}
	if err := in.need(1); err != nil {
		return 0, err
	}
	return copy(p, in.take(min(len(p), in.buffered()))), nil
}

// read keeps an error that comes together with bytes until those are taken: they count.
func (in *input) read(p []byte) int {
	n, err := in.src.Read(p)
	in.err = err
	return n
}
