package sockets

import (
	"sync"
	"sync/atomic"
)

// member is a connection as its group sees it, from before the handshake until
// the handler has returned.
type member struct {
	// What Stats reads is side by side.
	received counter     // written by the reader
	sent     counter     // written by the writer
	opened   atomic.Bool // the handshake succeeded

	key   string // by Group.Key, or empty
	index int    // in Group.members, under the Group's lock

	mu      sync.Mutex // protects the fields below
	stopped bool
	dropped bool
	end     End       // how the connection ended
	conn    connected // nil before the upgrade, and after the handler has returned
}

// connected is what a group does with a connection. Neither method blocks.
type connected interface {
	shut() // ends the connection with 1001
	drop() // closes the network connection
}

// counter counts messages and their bytes. Only one goroutine adds to it. Each
// connection has its own counters, so that passing on a message touches nothing
// that connections share.
type counter struct{ messages, bytes atomic.Int64 }

func (c *counter) add(messages, bytes int) {
	c.messages.Add(int64(messages))
	c.bytes.Add(int64(bytes))
}

// upgraded gives the member its connection.
func (m *member) upgraded(conn connected) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.conn = conn
	m.opened.Store(true)
	if m.stopped {
		conn.shut()
	}
	if m.dropped {
		conn.drop()
	}
}

// shut ends the connection. With drop it also closes the network connection.
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

// leave forgets the connection. A Shutdown in progress may still hold the member.
func (m *member) leave() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.conn = nil
}

// ended records how the connection ended.
func (m *member) ended(e *ending) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.end = End{By: string(e.by), Code: e.code}
}
