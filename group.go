package sockets

import (
	"context"
	"sync"
	"time"
)

// Group joins the connections of all handlers that have it as Options.Group. It
// ends them when the server shuts down (http.Server.Shutdown does not know
// them), counts them and limits their number. The zero value is ready to use. Do
// not copy a Group after its first use. Its methods are safe for concurrent use.
type Group struct {
	// Spread is the time over which Shutdown ends the connections, evenly, so
	// that not all clients reconnect at once. Zero: Shutdown ends all at once.
	// Do not change it after calling Shutdown.
	Spread time.Duration

	// Max is the largest number of connections, including requests in their
	// handshake. Further requests get 503. Zero: no limit. Do not change it
	// after the first request.
	Max int

	mu      sync.Mutex // protects the fields below
	members map[*member]struct{}
	past    totals        // refusals, and the counts of members that have left
	empty   chan struct{} // made by the first Shutdown, closed once no member is left
}

// Len returns the number of connections whose handler has not returned,
// including requests in their handshake.
func (g *Group) Len() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.members)
}

// Shutdown refuses new connections with 503 and ends the others with 1001
// (going away), each after everything that its handler sent before. It blocks
// until the last handler has returned. If ctx ends first, Shutdown drops the
// remaining network connections and returns ctx's error at once. A Group stays
// shut down; a second call waits like the first.
//
// Call it along with http.Server.Shutdown, which waits for ordinary requests
// only, or from http.Server.RegisterOnShutdown.
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

// close makes the group refuse members from now on. It returns the current
// members, and a channel that is closed when the last of them has left.
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

// stopAll ends the members one by one over the time of Spread, and waits for
// them. It returns false if ctx ends first.
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

// waitUntil waits until due, or until empty is closed. It returns false if ctx
// ends first.
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

// join adds a member, or returns the reason why not. A nil group has members
// too, but nobody stops them.
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

// leave removes a member, after its handler has returned or its handshake has failed.
func (g *Group) leave(m *member) {
	if g == nil {
		return
	}
	m.leave()
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.members, m)
	g.past.add(m)
	if g.empty != nil {
		g.closeIfEmpty()
	}
}

// closeIfEmpty closes empty if no member is left. mu is held and close was
// called: from then on members only leave, so this happens once.
func (g *Group) closeIfEmpty() {
	if len(g.members) == 0 {
		close(g.empty)
	}
}
