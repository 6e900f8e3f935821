// Package wire is the network connection below a websocket: the deadlines of its
// reads and writes, the batch that becomes one write, and the ways to close it.
package wire

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// batchSize is how much a batch holds: many small messages, and less than the
// buffers of a socket.
const batchSize = 16 << 10

var batches = sync.Pool{New: func() any { return new([batchSize]byte) }}

// Conn is a network connection. One goroutine at a time reads, and one at a
// time writes. Close and Abort are safe beside both.
//
// After the opening handshake Write only fills a batch; Flush writes it to the
// network. The first failure of a write is the last: the peer would take the
// rest of one frame for the begin of another.
type Conn struct {
	net.Conn
	Reading, Writing Deadline

	// Early is what was read before the Conn was made. Read gives it first.
	Early []byte

	opening
	batching

	err    error       // of the first write that failed
	broken atomic.Bool // err is set
}

// opening is the opening handshake.
type opening struct {
	upgraded bool  // it is over
	limited  bool  // it has a deadline of its own
	unopened error // why its response was not written
}

// batching is the batch that is being filled.
type batching struct {
	batch  *[batchSize]byte // nil: empty
	filled int              // bytes in it
	size   int              // bytes that it had so far
	begun  bool             // some of it is on the network: what follows shares one wait
	pieces [2][]byte
	gather net.Buffers // of pieces
}

// New returns a Conn for which each read may take readWait, and each write
// writeWait; 0 is no limit.
func New(conn net.Conn, readWait, writeWait time.Duration) *Conn {
	now := time.Now()
	_, tcp := conn.(*net.TCPConn)
	return &Conn{
		Conn:    conn,
		Reading: Deadline{opened: now, conn: conn, wait: readWait, resumable: true},
		Writing: Deadline{opened: now, conn: conn, writes: true, wait: writeWait,
			resumable: tcp},
	}
}

// Upgraded ends the opening handshake. Where its response was not written, nothing is.
func (c *Conn) Upgraded() {
	c.upgraded = true
	c.err = c.unopened
}

// Read blocks until something comes, but not longer than Reading allows. Where
// the response of the opening handshake could not be written, its error is that.
func (c *Conn) Read(p []byte) (int, error) {
	if c.unopened != nil {
		return 0, c.unopened
	}
	if len(c.Early) > 0 {
		n := copy(p, c.Early)
		c.Early = c.Early[n:]
		return n, nil
	}
	c.Reading.begin()
	for {
		n, err := c.Conn.Read(p)
		if n > 0 || err == nil || !c.Reading.again(err) {
			return n, err
		}
	}
}

// Write adds p to the batch. Where p does not fit, it blocks until the network
// has taken both. It keeps nothing of p.
//
// During the opening handshake it writes p to the network and reports no
// failure: at that point an upgrade cannot fail any more. Read does.
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

// respond writes the response of the opening handshake, in as much time as
// gorilla has set, or as one write may take.
func (c *Conn) respond(p []byte) {
	if !c.limited {
		c.Writing.begin()
	}
	if _, c.unopened = c.Conn.Write(p); c.unopened != nil {
		c.Conn.Close()
	}
}

// Full reports whether the batch should be flushed before more joins it.
func (c *Conn) Full() bool { return c.size >= batchSize }

// Flush blocks until the network has taken the batch. All writes of a batch
// together may take as long as Writing allows for one.
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

// send writes what the batch holds, and p, in one gathering write where there are both.
func (c *Conn) send(p []byte) error {
	if c.err != nil {
		return c.err
	}
	if !c.begun {
		c.begun = true
		c.Writing.begin()
	}
	if c.filled > 0 && p != nil {
		c.pieces = [2][]byte{c.batch[:c.filled], p}
		c.gather = c.pieces[:]
		c.filled = 0
		return c.persist(func() error { _, err := c.gather.WriteTo(c.Conn); return err })
	}
	if p == nil {
		p = c.batch[:c.filled]
		c.filled = 0
	}
	return c.persist(func() error {
		n, err := c.Conn.Write(p)
		p = p[n:]
		return err
	})
}

// persist repeats a write, which goes on where it stopped, until it is done or
// has failed.
func (c *Conn) persist(write func() error) error {
	for {
		err := write()
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

// SetWriteDeadline is for gorilla, which calls it before each write. Writing
// takes its place after the handshake.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	if c.upgraded {
		return nil
	}
	c.limited = true
	return c.Conn.SetWriteDeadline(t)
}

// CloseWrite tells the peer that nothing follows, where the network can: TCP and TLS.
func (c *Conn) CloseWrite() {
	if conn, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		conn.CloseWrite()
	}
}

// Close closes the network connection. Through TLS it says so to the peer
// first, unless a write has failed: then an alert would follow half a record.
func (c *Conn) Close() error {
	if c.broken.Load() {
		return c.Abort()
	}
	return c.Conn.Close()
}

// Layered reports whether there is a protocol between this and the network that
// has something to say at the end of a stream: TLS.
func (c *Conn) Layered() bool { return c.below() != c.Conn }

// Abort closes the network connection at once. It does not wait for a write
// under way, as closing a TLS connection does.
func (c *Conn) Abort() error { return c.below().Close() }

// below is the connection that TLS runs on, or the one that there is.
func (c *Conn) below() net.Conn {
	if conn, ok := c.Conn.(interface{ NetConn() net.Conn }); ok {
		return conn.NetConn()
	}
	return c.Conn
}
