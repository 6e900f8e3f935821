package sockets

import (
	"sync"
	"sync/atomic"
)

// member is one connection as its group knows it, from before its handshake until its handler
// has returned.
type member struct {
	received counter // written by the reader
	sent     counter // written by the writer

	mu      sync.Mutex // protects what follows
	opened  bool       // the handshake succeeded
	stopped bool
	dropped bool
	left    bool // the handler has returned
	end     End  // how the connection ended
	// Nil before the upgrade, and after the handler has returned.
	stop func() // ends the connection with 1001
	drop func() // closes its network connection
}

// counter counts messages and their bytes, for one goroutine at a time, in each connection by
// itself: the path of a message shares nothing with other connections.
type counter struct{ messages, bytes atomic.Int64 }

func (c *counter) add(size int) {
	c.messages.Add(1)
	c.bytes.Add(int64(size))
}

// upgraded tells the member how its connection is ended, or, with nil, that it has ended. None
// of the two may block.
func (m *member) upgraded(stop, drop func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.opened = m.opened || stop != nil
	m.left = stop == nil
	m.stop, m.drop = stop, drop
	if m.stopped && stop != nil {
		stop()
	}
	if m.dropped && drop != nil {
		drop()
	}
}

// shut ends the connection, and with drop takes its network connection away.
func (m *member) shut(drop bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.stopped {
		m.stopped = true
		if m.stop != nil {
			m.stop()
		}
	}
	if drop && !m.dropped {
		m.dropped = true
		if m.drop != nil {
			m.drop()
		}
	}
}

// isDropped reports whether the group has taken the network connection away.
func (m *member) isDropped() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dropped
}

// ended notes how the connection ended.
func (m *member) ended(e *ending) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.end = End{By: string(e.by), Code: e.code}
}
