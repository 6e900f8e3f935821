package sockets

import (
	"context"
	"sync"
	"time"
)

// Group ties together the connections of all handlers that were given it as
// Options.Group: to end them when the server goes down, which
// http.Server.Shutdown knows nothing of, to count them, and to limit their
// number. The zero value is ready to use. A Group must not be copied after its
// first use. Its methods are safe for concurrent use.
type Group struct {
	// Spread is the time over which Shutdown ends the connections, evenly, so
	// that not all clients come back at the same moment. Zero: all are ended at
	// once. It must not be changed after Shutdown was called.
	Spread time.Duration

	// Max is how many connections the group takes, requests in their handshake
	// included. One more is refused with 503. Zero: any number. It must not be
	// changed after the first request.
	Max int

	mu      sync.Mutex // protects what follows
	members map[*member]struct{}
	past    totals        // what the members that have left have counted, and refusals
	empty   chan struct{} // made by the first Shutdown, closed when no member is left
}

// Len is the number of connections: those whose handler has not returned,
// requests in their handshake included.
func (g *Group) Len() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.members)
}

// Shutdown refuses new connections with 503, ends the others with 1001 (going
// away), each after what its handler had sent before, and blocks until the last
// handler has returned. When ctx ends first, the network connections that are
// left are dropped, and Shutdown returns ctx's error without waiting any longer.
// A Group that was shut down stays so; a second call waits like the first.
//
// Call it beside http.Server.Shutdown, which waits for ordinary requests only,
// or from http.Server.RegisterOnShutdown.
func (g *Group) Shutdown(ctx context.Context) error {
	members, empty := g.close()
	if g.stopAll(ctx, members, empty) {
		return nil
	}
	for _, m := range members {
		m.shut(true)
	}
	return ctx.Err()
}

// close refuses members from now on. It returns those that the group has, and
// what is closed when the last of them has left.
func (g *Group) close() ([]*member, <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.empty == nil {
		g.empty = make(chan struct{})
		g.closeIfEmpty()
	}
	members := make([]*member, 0, len(g.members))
	for m := range g.members {
		members = append(members, m)
	}
	return members, g.empty
}

// stopAll ends the members one by one over the time of Spread and waits for
// them. It reports false when ctx ended first.
func (g *Group) stopAll(
	ctx context.Context, members []*member, empty <-chan struct{},
) bool {
	begin := time.Now()
	for i, m := range members {
		due := begin.Add(g.Spread / time.Duration(len(members)) * time.Duration(i))
		if !waitUntil(ctx, due, empty) {
			return false
		}
		m.shut(false)
	}
	if closed(empty) {
		return true
	}
	select {
	case <-empty:
		return true
	case <-ctx.Done():
		return false
	}
}

// waitUntil waits for due, or until empty is closed. It reports false when ctx
// ended first.
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

// join adds a member, or says why not. A nil group has members that nobody stops.
func (g *Group) join() (*member, error) {
	m := &member{}
	if g == nil {
		return m, nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.empty != nil:
		return nil, errShutdown
	case g.Max > 0 && len(g.members) >= g.Max:
		return nil, errFull
	}
	if g.members == nil {
		g.members = make(map[*member]struct{})
	}
	g.members[m] = struct{}{}
	return m, nil
}

// leave ends what join began, when the handler has returned or the handshake
// has failed.
func (g *Group) leave(m *member) {
	if g == nil {
		return
	}
	// A Shutdown under way still holds m; it need not hold the connection.
	m.upgraded(nil)
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.members, m)
	g.past.add(m)
	if g.empty != nil {
		g.closeIfEmpty()
	}
}

// closeIfEmpty is called with mu held, after close was; members are only ever
// removed then, so it closes once.
func (g *Group) closeIfEmpty() {
	if len(g.members) == 0 {
		close(g.empty)
	}
}
