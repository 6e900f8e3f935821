package sockets

import (
	"bytes"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// batchSize is how much a batch holds before it is flushed early: many small messages, and less than the buffers of a socket.
const batchSize = 16 << 10

// wire is the network connection as gorilla sees it. On the way in it keeps the time that a client may be silent, and refuses
// what gorilla does not check. On the way out it makes one write of a batch.
type wire struct {
	net.Conn

	// Used by the goroutine that reads.
	in      io.Reader // the network connection, behind what was read together with the handshake
	frames  frameCheck
	reading deadline
	readErr error // why the network cannot be read any more

	// mu guards what follows, and keeps writes apart: gorilla's reader writes too, one close frame for a protocol error.
	mu       sync.Mutex
	batch    []byte        // not nil: a batch is open
	batched  int           // bytes that went through the open batch
	batchDue time.Duration // when the open batch has to be written, from its first write on; 0: not known yet
	writing  deadline
	explicit time.Time // gorilla's deadline for the next write; zero: WriteWait counts
	writeErr error     // the first; nothing is written after it
	upgraded bool

	broken atomic.Bool // writeErr is set
}

func newWire(conn net.Conn, early []byte, c *config) *wire {
	now := time.Now()
	_, tcp := conn.(*net.TCPConn)
	return &wire{
		Conn:    conn,
		in:      withEarly(early, conn),
		reading: deadline{opened: now, set: conn.SetReadDeadline, wait: c.pongWait, resumable: true},
		writing: deadline{opened: now, set: conn.SetWriteDeadline, wait: c.writeWait, resumable: tcp},
	}
}

func withEarly(early []byte, conn net.Conn) io.Reader {
	if len(early) == 0 {
		return conn
	}
	return io.MultiReader(bytes.NewReader(early), conn)
}

// Read blocks for at most PongWait.
func (w *wire) Read(p []byte) (int, error) {
	if w.readErr != nil {
		return 0, w.readErr
	}
	due := w.reading.begin(time.Time{})
	for {
		n, err := w.in.Read(p)
		if n > 0 || err == nil || !w.reading.again(due, err) {
			w.readErr = err
			return w.frames.scan(p[:n], err)
		}
	}
}

// drain tells the peer that nothing follows, where the network connection can (TCP and TLS), and reads on until the
// peer ends the stream too, whatever comes.
func (w *wire) drain() {
	if c, ok := w.Conn.(interface{ CloseWrite() error }); ok {
		c.CloseWrite()
	}
	for buf := make([]byte, 512); w.readErr == nil; {
		w.Read(buf)
	}
}

// Write adds p to the open batch, or sends it at once where none is open.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.batch == nil {
		return len(p), w.writeAlone(p)
	}
	w.batched += len(p)
	if len(w.batch)+len(p) > cap(w.batch) {
		if err := w.writeBatch(); err != nil {
			return 0, err
		}
	}
	if len(p) > cap(w.batch) {
		return len(p), w.writeAll(p, time.Time{})
	}
	w.batch = append(w.batch, p...)
	return len(p), nil
}

// writeAlone is a write outside of a batch. The one of the opening handshake reports no failure, because an upgrade cannot fail any
// more at that point (see hijacker): reading will.
func (w *wire) writeAlone(p []byte) error {
	err := w.writeAll(p, w.explicit)
	if w.upgraded || err == nil {
		return err
	}
	w.Conn.Close()
	return nil
}

// Close closes the network connection. After a failed write TLS would add an alert to half a record, and wait for that to go out.
func (w *wire) Close() error {
	if c, ok := w.Conn.(interface{ NetConn() net.Conn }); ok && w.broken.Load() {
		return c.NetConn().Close()
	}
	return w.Conn.Close()
}

// SetWriteDeadline is called by gorilla before each write.
func (w *wire) SetWriteDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.explicit = t
	return nil
}

// upgradeDone tells that the opening handshake is over; nothing else uses w yet. If the handshake could not be written, that is what
// reading fails with. A deadline of its own does not outlive it. The first one for reading is set here, because the
// reader's stack, left to itself, stays at half the size.
func (w *wire) upgradeDone() {
	w.upgraded = true
	w.readErr = w.writeErr
	w.writing.disarm()
	w.reading.begin(time.Time{})
}

// openBatch opens a batch in buf.
func (w *wire) openBatch(buf []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.batch, w.batched, w.batchDue = buf[:0], 0, 0
}

// roomLeft reports whether more messages should join the open batch.
func (w *wire) roomLeft() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.batched < cap(w.batch)
}

// closeBatch writes what is left of the batch to the network, and closes it.
func (w *wire) closeBatch() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.writeBatch()
	w.batch, w.batchDue = nil, 0
	return err
}

func (w *wire) writeBatch() error {
	if len(w.batch) == 0 {
		return w.writeErr
	}
	err := w.writeAll(w.batch, time.Time{})
	w.batch = w.batch[:0]
	return err
}

// writeAll blocks until the network has taken p, until the explicit end at the latest, or for WriteWait where that is zero;
// all the writes of a batch share one WriteWait. After a
// failure nothing is sent any more: the peer would take the rest of one frame for the begin of another.
func (w *wire) writeAll(p []byte, explicit time.Time) error {
	if w.writeErr != nil {
		return w.writeErr
	}
	due := w.batchDue
	if due == 0 {
		due = w.writing.begin(explicit)
	}
	if w.batch != nil {
		w.batchDue = due
	}
	for {
		n, err := w.Conn.Write(p)
		if err == nil {
			return nil
		}
		if !w.writing.again(due, err) {
			w.writeErr = err
			w.broken.Store(true)
			return err
		}
		p = p[n:]
	}
}
