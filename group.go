package sockets

import (
	"context"
	"sync"
	"time"
)

// Group ties together the connections of all handlers that were given it as Options.Group, so that a server can end them when it goes
// down: http.Server.Shutdown knows nothing of them. The zero value is ready to use. A Group must not be copied
// after its first use. Its methods are safe for concurrent use.
type Group struct {
	// Spread is the time over which Shutdown ends the connections, evenly, so that not all clients come back at the same moment.
	// Zero: all are ended at once. It must not be changed after Shutdown was called.
	Spread time.Duration

	mu      sync.Mutex // guards what follows
	members map[*member]struct{}
	closed  bool
	empty   chan struct{} // made by the first Shutdown, closed when no member is left
}

// member is one connection, from before its handshake until its handler has returned.
type member struct {
	mu      sync.Mutex // guards what follows
	stopped bool
	dropped bool
	// Nil before the upgrade.
	stop func() // ends the connection with 1001
	drop func() // closes its network connection
}

// Len is the number of connections: those whose handler has not returned, requests in their handshake included.
func (g *Group) Len() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.members)
}

// Shutdown refuses new connections with 503, ends those there are with 1001 (going away), each after what its handler had sent before, and
// blocks until the last handler has returned. When ctx ends first, the network connections that are left are dropped, and Shutdown returns
// ctx's error without waiting any longer. A Group that was shut down stays so; a second call waits like the first.
//
// Call it beside http.Server.Shutdown, which waits for ordinary requests only, or from http.Server.RegisterOnShutdown.
func (g *Group) Shutdown(ctx context.Context) error {
	members, empty := g.close()
	ended := g.stopAll(ctx, members, empty)
	if !ended {
		for _, m := range members {
			m.end(true)
		}
		return ctx.Err()
	}
	return nil
}

// close refuses members from now on, and returns those that there are and what is closed when the last of them has left.
func (g *Group) close() ([]*member, <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.closed = true
		g.empty = make(chan struct{})
		g.closeIfEmpty()
	}
	members := make([]*member, 0, len(g.members))
	for m := range g.members {
		members = append(members, m)
	}
	return members, g.empty
}

// stopAll ends the members one by one over the time of Spread and waits for them. It reports false when ctx ended first.
func (g *Group) stopAll(ctx context.Context, members []*member, empty <-chan struct{}) bool {
	begin := time.Now()
	for i, m := range members {
		due := begin.Add(g.Spread / time.Duration(len(members)) * time.Duration(i))
		if !waitUntil(ctx, due, empty) {
			return false
		}
		m.end(false)
	}
	select {
	case <-empty:
		return true
	default:
	}
	select {
	case <-empty:
		return true
	case <-ctx.Done():
		return false
	}
}

// waitUntil waits for due, or until empty is closed. It reports false when ctx ended first.
func waitUntil(ctx context.Context, due time.Time, empty <-chan struct{}) bool {
	wait := time.Until(due)
	if wait <= 0 {
		return true
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-empty:
		return true
	case <-ctx.Done():
		return false
	}
}

// join adds a member; nil when the group is shut down. A nil group has members that nobody stops.
func (g *Group) join() *member {
	m := &member{}
	if g == nil {
		return m
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return nil
	}
	if g.members == nil {
		g.members = make(map[*member]struct{})
	}
	g.members[m] = struct{}{}
	return m
}

func (g *Group) leave(m *member) {
	if g == nil {
		return
	}
	// A Shutdown under way still holds m; it need not hold the connection.
	m.upgraded(nil, nil)
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.members, m)
	if g.closed {
		g.closeIfEmpty()
	}
}

// closeIfEmpty is called with mu held, after close was; members are only ever removed then, so it closes once.
func (g *Group) closeIfEmpty() {
	if len(g.members) == 0 {
		close(g.empty)
	}
}

// upgraded tells the member how its connection is ended, or, with nil, that it has ended. None of the two may block.
func (m *member) upgraded(stop, drop func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stop, m.drop = stop, drop
	if m.stopped && stop != nil {
		stop()
	}
	if m.dropped && drop != nil {
		drop()
	}
}

// end ends the connection, and with drop takes its network connection away.
func (m *member) end(drop bool) {
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

func (m *member) isStopped() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stopped
}
