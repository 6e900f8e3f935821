package sockets

import (
	"maps"
	"net/http"
)

// Stats holds the counts of a [Group] since the start. Subtract two of them for a rate.
type Stats struct {
	Open   int   // connections whose handler has not returned
	Opened int64 // handshakes that succeeded

	// Refused counts refused requests by reason.
	Refused map[Refusal]int64

	// Ended counts ended connections by who ended them and the close code.
	// Opened minus Open is their total.
	Ended map[End]int64

	// Messages, and their bytes before compression. An outgoing message counts
	// once the network connection has taken it.
	MessagesIn, MessagesOut int64
	BytesIn, BytesOut       int64
}

// Refusal is the reason why a request did not become a connection.
type Refusal string

// The reasons to refuse a request, and the status of the response.
const (
	RefusedMethod    Refusal = "method"    // 405
	RefusedOrigin    Refusal = "origin"    // 403
	RefusedHandshake Refusal = "handshake" // 400, or 500 if it cannot be hijacked
	RefusedShutdown  Refusal = "shutdown"  // 503, after Group.Shutdown
	RefusedFull      Refusal = "full"      // 503, at Group.Max
	RefusedKey       Refusal = "key"       // 429, at Group.MaxPerKey
)

// End says how a connection ended.
type End struct {
	// By names who ended the connection: "handler", "server" (shut down), "client"
	// (sent a close frame), "violation" (the client broke a rule), "program" (a message
	// could not be encoded or sent) or "network" (it failed, or the client was silent).
	By string
	// Code is the close code, as it was sent or received: 1005 if the close
	// frame had no code, 1006 if there was no close frame.
	Code int
}

// Stats returns the group's counts. It takes time in proportion to the number
// of open connections, and does not slow their messages down.
func (g *Group) Stats() Stats {
	g.mu.Lock()
	defer g.mu.Unlock()
	sum := g.past.clone()
	for _, m := range g.members {
		if sum.count(m) {
			sum.Open++
		}
	}
	return sum.Stats
}

// totals adds up the counts of members.
type totals struct{ Stats }

// refused counts a request that the group's handlers refused.
func (g *Group) refused(f *refusal) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.past.Refused == nil {
		g.past.Refused = make(map[Refusal]int64)
	}
	g.past.Refused[f.kind()]++
}

// kind returns the reason under which a refusal is counted.
func (f *refusal) kind() Refusal {
	switch {
	case f.reason == errShutdown:
		return RefusedShutdown
	case f.reason == errFull:
		return RefusedFull
	case f.reason == errKey:
		return RefusedKey
	case f.status == http.StatusMethodNotAllowed:
		return RefusedMethod
	case f.status == http.StatusForbidden:
		return RefusedOrigin
	}
	return RefusedHandshake
}

// add adds the counts of a member that has left.
func (t *totals) add(m *member) {
	if !t.count(m) {
		return
	}
	if t.Ended == nil {
		t.Ended = make(map[End]int64)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	t.Ended[m.end]++
}

// count adds the counts of a member, which may be open, and takes no lock: that would be
// half of the time of Stats. It returns false if the handshake has not succeeded.
func (t *totals) count(m *member) bool {
	if !m.opened.Load() {
		return false
	}
	t.Opened++
	t.MessagesIn += m.received.messages.Load()
	t.BytesIn += m.received.bytes.Load()
	t.MessagesOut += m.sent.messages.Load()
	t.BytesOut += m.sent.bytes.Load()
	return true
}

func (t *totals) clone() totals {
	c := *t
	c.Refused = maps.Clone(t.Refused)
	c.Ended = maps.Clone(t.Ended)
	return c
}
