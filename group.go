package sockets

import (
	"context"
	"io"
	"net/http"
	"slices"
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

	// Key names what a request belongs to, such as the client's address ([Proxies].Key) or
	// an account. At most MaxPerKey connections have the same key at a time; further
	// requests get 429. A request whose key is an empty string does not count. Key is
	// called once for each request, by many goroutines at a time. Do not change the two
	// after the first request.
	Key func(*http.Request) string
	// MaxPerKey is the limit for each Key. Zero: no limit.
	MaxPerKey int

	mu      sync.Mutex     // protects the fields below
	members []*member      // a slice, because Stats goes through it eight times as fast
	keys    map[string]int // connections by Key
	past    totals         // refusals, and the counts of members that have left
	empty   chan struct{}  // made by the first Shutdown, closed once no member is left
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
	return slices.Clone(g.members), g.empty
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

// join adds a member for a request, or returns the reason why not. A nil group has members
// too, but nobody stops them.
func (g *Group) join(r *http.Request) (*member, *refusal) {
	m := &member{}
	if g == nil {
		return m, nil
	}
	if g.MaxPerKey > 0 && g.Key != nil {
		m.key = g.Key(r)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.empty != nil:
		return nil, &refusal{http.StatusServiceUnavailable, errShutdown}
	case g.Max > 0 && len(g.members) >= g.Max:
		return nil, &refusal{http.StatusServiceUnavailable, errFull}
	case m.key != "" && g.keys[m.key] >= g.MaxPerKey:
		return nil, &refusal{http.StatusTooManyRequests, errKey}
	}
	m.index = len(g.members)
	g.members = append(g.members, m)
	if m.key != "" {
		if g.keys == nil {
			g.keys = make(map[string]int)
		}
		g.keys[m.key]++
	}
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
	last := len(g.members) - 1
	g.members[m.index] = g.members[last]
	g.members[m.index].index = m.index
	g.members[last] = nil
	g.members = g.members[:last]
	if m.key != "" {
		if g.keys[m.key]--; g.keys[m.key] == 0 {
			delete(g.keys, m.key)
		}
	}
	g.past.add(m)
	if g.empty != nil {
		g.closeIfEmpty()
	}
}

// ServeReady answers a balancer that asks whether this server takes connections: 200, and
// 503 once Shutdown was called. Give it an address of its own:
//
//	http.HandleFunc("/ready", group.ServeReady)
func (g *Group) ServeReady(w http.ResponseWriter, _ *http.Request) {
	g.mu.Lock()
	down := g.empty != nil
	g.mu.Unlock()
	w.Header().Set("Cache-Control", "no-store")
	if down {
		http.Error(w, "shutting down", http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(w, "ready\n") // the balancer may be gone
}

// closeIfEmpty closes empty if no member is left. mu is held and close was
// called: from then on members only leave, so this happens once.
func (g *Group) closeIfEmpty() {
	if len(g.members) == 0 {
		close(g.empty)
	}
}
