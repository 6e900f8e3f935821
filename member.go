package sockets

import (
	"sync"
	"sync/atomic"
)

// member is one connection as its group knows it, from before its handshake
// until its handler has returned.
type member struct {
	received counter // written by the reader
	sent     counter // written by the writer

	mu      sync.Mutex // protects what follows
	opened  bool       // the handshake succeeded
	stopped bool
	dropped bool
	left    bool      // the handler has returned
	end     End       // how the connection ended
	conn    connected // nil before the upgrade, and after the handler has returned
}

// connected is what a group does with a connection. None of the two blocks.
type connected interface {
	shut() // ends it with 1001
	drop() // closes its network connection
}

// counter counts messages and their bytes, for one goroutine at a time, in each
// connection by itself: the path of a message shares nothing with other connections.
type counter struct{ messages, bytes atomic.Int64 }

func (c *counter) add(size int) {
	c.messages.Add(1)
	c.bytes.Add(int64(size))
}

// upgraded gives the member its connection, or, with nil, says that it has ended.
func (m *member) upgraded(conn connected) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.conn = conn
	if conn == nil {
		m.left = true
		return
	}
	m.opened = true
	if m.stopped {
		conn.shut()
	}
	if m.dropped {
		conn.drop()
	}
}

// shut ends the connection, and with drop takes its network connection away.
func (m *member) shut(drop bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.stopped {
		m.stopped = true
		if m.conn != nil {
			m.conn.shut()
		}
	}
	if drop && !m.dropped {
		m.dropped = true
		if m.conn != nil {
			m.conn.drop()
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
