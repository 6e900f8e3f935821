// Package wire is the network connection below a websocket: the deadline of a write, the
// batch that becomes one write, when a read began, and the ways to close.
package wire

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// batchSize is the size of a batch: many small messages, but less than a
// socket's buffer.
const batchSize = 16 << 10

// maxWrite is how much of a large message one call gives to the network, so that Written
// shows the progress of a peer that takes it slowly.
const maxWrite = 128 << 10

var batches = sync.Pool{New: func() any { return new([batchSize]byte) }}

// Conn is a network connection. One goroutine at a time may read, and one may
// write. Close and Abort may be called at any time.
//
// After the opening handshake Write only fills a batch, and Flush writes it to
// the network. After one failed write no more is written: the peer would take
// the rest of one frame for the start of another.
type Conn struct {
	net.Conn
	Writing Deadline

	// Early holds bytes that were read before the Conn was made. Read returns
	// them first.
	Early []byte

	opening
	batching
	reads

	err     error        // the error of the first write that failed
	broken  atomic.Bool  // err is set
	written atomic.Int64 // bytes that the network has taken since the handshake
}

// opening is the state of the opening handshake.
type opening struct {
	upgraded bool  // the handshake is over
	limited  bool  // the handshake has its own deadline
	unopened error // why the response was not written
}

// batching is the state of the batch being filled.
type batching struct {
	batch  *[batchSize]byte // nil if the batch is empty
	filled int              // bytes in it
	size   int              // bytes added to it so far, also those written already
	begun  bool             // part of it was written; the rest shares its deadline
	pieces [2][]byte
	gather net.Buffers // a view of pieces
}

// New returns a Conn. Each write may take writeWait; 0 means no limit.
func New(conn net.Conn, writeWait time.Duration) *Conn {
	_, tcp := conn.(*net.TCPConn)
	return &Conn{Conn: conn, Writing: Deadline{opened: time.Now(), conn: conn,
		wait: writeWait, resumable: tcp}}
}

// Age returns the time since the Conn was made.
func (c *Conn) Age() time.Duration { return time.Since(c.Writing.opened) }

// Upgraded ends the opening handshake. If its response was not written, all
// later writes fail.
func (c *Conn) Upgraded() {
	c.upgraded = true
	c.err = c.unopened
	c.Writing.finish()
}

// Write adds p to the batch. If p does not fit, Write blocks until the network
// has taken both. It does not keep p.
//
// During the opening handshake Write goes straight to the network and returns no error,
// because an upgrade must not fail at that point. Read returns the error instead.
func (c *Conn) Write(p []byte) (int, error) {
	if !c.upgraded {
		c.respond(p)
		return len(p), nil
	}
	c.size += len(p)
	if c.filled+len(p) > batchSize {
		return len(p), c.send(p)
	}
	if c.batch == nil {
		c.batch = batches.Get().(*[batchSize]byte)
	}
	c.filled += copy(c.batch[c.filled:], p)
	return len(p), nil
}

// respond writes the response of the opening handshake. It has the time that
// gorilla has set, or that of one write.
func (c *Conn) respond(p []byte) {
	if !c.limited {
		c.Writing.begin()
	}
	if _, c.unopened = c.Conn.Write(p); c.unopened != nil {
		c.Conn.Close()
	}
}

// Full reports whether to flush the batch before adding more.
func (c *Conn) Full() bool { return c.size >= batchSize }

// Flush blocks until the network has taken the batch. All writes of a batch
// together have the time that Writing allows for one.
func (c *Conn) Flush() error {
	if c.filled > 0 {
		c.send(nil)
	}
	if c.batch != nil {
		batches.Put(c.batch)
		c.batch = nil
	}
	if c.begun {
		c.Writing.finish()
	}
	c.size, c.begun = 0, false
	return c.err
}

// send writes the batch and p, if there are both in one gathering write.
func (c *Conn) send(p []byte) error {
	if c.err != nil {
		return c.err
	}
	if !c.begun {
		c.begun = true
		c.Writing.begin()
	}
	if c.filled > 0 && p != nil {
		n := min(len(p), maxWrite)
		c.pieces = [2][]byte{c.batch[:c.filled], p[:n]}
		c.gather = c.pieces[:]
		c.filled, p = 0, p[n:]
		err := c.persist(func() (int64, error) { return c.gather.WriteTo(c.Conn) })
		if err != nil {
			return err
		}
	} else if p == nil {
		p = c.batch[:c.filled]
		c.filled = 0
	}
	for len(p) > 0 {
		err := c.persist(func() (int64, error) {
			n, err := c.Conn.Write(p[:min(len(p), maxWrite)])
			p = p[n:]
			return int64(n), err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// persist repeats write until it is done or has failed. Each call continues
// where the last one stopped.
func (c *Conn) persist(write func() (int64, error)) error {
	for {
		n, err := write()
		c.written.Add(n)
		if err == nil {
			return nil
		}
		if !c.Writing.again(err) {
			c.err = err
			c.broken.Store(true)
			return err
		}
	}
}

// SetWriteDeadline is for gorilla, which calls it before each write. After the
// handshake Writing replaces it.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	if c.upgraded {
		return nil
	}
	c.limited = true
	return c.Conn.SetWriteDeadline(t)
}

// SetWriteBuffer sets the size of the system's send buffer, if the network has one.
func (c *Conn) SetWriteBuffer(size int) {
	if conn, ok := lowest(c.Conn).(interface{ SetWriteBuffer(int) error }); ok {
		conn.SetWriteBuffer(size)
	}
}

// Written returns how many bytes the network has taken since the handshake.
func (c *Conn) Written() int64 { return c.written.Load() }
