package mempipe

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/deadline"
)

// half is one direction of a connection: a ring of bytes between a writer and a reader.
//
// All waits are in changed.Wait. A wait for a mutex would not be durably
// blocking in a synctest bubble.
type half struct {
	mu      sync.Mutex // protects the fields below
	changed *sync.Cond // broadcast when a waiting reader or writer may go on

	ring  []byte
	start int // index of the first unread byte
	used  int // number of unread bytes

	readErr  error // why reads fail, even if bytes are left
	endErr   error // what reads return when the ring is empty
	writeErr error // why writes fail

	writing       bool // a Write is in progress; others wait, so that writes never mix
	readDeadline  deadline.Deadline
	writeDeadline deadline.Deadline
}

func newHalf(size int) *half {
	h := &half{ring: make([]byte, size)}
	h.changed = sync.NewCond(&h.mu)
	return h
}

func (h *half) read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.readErr != nil:
			return 0, h.readErr
		case h.readDeadline.Passed():
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case h.used > 0:
			n := h.take(p)
			h.changed.Broadcast()
			return n, nil
		case h.endErr != nil:
			return 0, h.endErr
		}
		h.changed.Wait()
	}
}

func (h *half) write(p []byte) (n int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.writing { // what ends this wait early also ends the other Write
		h.changed.Wait()
	}
	h.writing = true
	defer func() {
		h.writing = false
		h.changed.Broadcast()
	}()
	for {
		switch {
		case h.writeErr != nil:
			return n, h.writeErr
		case h.writeDeadline.Passed():
			return n, os.ErrDeadlineExceeded
		case n == len(p):
			return n, nil
		case h.used < len(h.ring):
			n += h.put(p[n:])
			h.changed.Broadcast()
			continue
		}
		h.changed.Wait()
	}
}

// take moves unread bytes to p, from at most two pieces of the ring.
func (h *half) take(p []byte) (n int) {
	for n < len(p) && h.used > 0 {
		end := min(h.start+h.used, len(h.ring))
		c := copy(p[n:], h.ring[h.start:end])
		h.start = (h.start + c) % len(h.ring)
		h.used -= c
		n += c
	}
	return n
}

// put moves bytes of p to the free part of the ring.
func (h *half) put(p []byte) (n int) {
	for n < len(p) && h.used < len(h.ring) {
		from := (h.start + h.used) % len(h.ring)
		to := min(from+len(h.ring)-h.used, len(h.ring))
		c := copy(h.ring[from:to], p[n:])
		h.used += c
		n += c
	}
	return n
}

// closeWrite ends the direction for the writer. The reader gets what is left
// and then io.EOF; further writes return err.
func (h *half) closeWrite(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.writeDeadline.Stop()
	h.writeErr = err
	if h.endErr == nil {
		h.endErr = io.EOF
	}
	h.changed.Broadcast()
}

// closeRead ends the direction for the reader. Nobody will read what is left,
// so writes fail, unless the writer has ended the direction already.
func (h *half) closeRead() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.readDeadline.Stop()
	h.readErr = net.ErrClosed
	if h.writeErr == nil {
		h.writeErr = os.NewSyscallError("write", syscall.EPIPE)
	}
	h.changed.Broadcast()
}

// reset ends the direction as a TCP reset does: the reader loses what it has not read.
func (h *half) reset() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.used = 0
	h.endErr = os.NewSyscallError("read", syscall.ECONNRESET)
	h.changed.Broadcast()
}

func (h *half) setReadDeadline(t time.Time) error {
	return h.setDeadline(&h.readDeadline, &h.readErr, t)
}
func (h *half) setWriteDeadline(t time.Time) error {
	return h.setDeadline(&h.writeDeadline, &h.writeErr, t)
}

func (h *half) setDeadline(d *deadline.Deadline, ended *error, t time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if *ended == net.ErrClosed {
		return net.ErrClosed
	}
	d.Set(t, &h.mu, h.changed.Broadcast)
	return nil
}
