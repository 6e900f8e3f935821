package sockets

import (
	"maps"
	"net/http"
)

// Stats is what a [Group] has counted since the start. Take the difference of
// two for a rate.
type Stats struct {
	Open   int   // connections whose handler has not returned
	Opened int64 // handshakes that succeeded

	// Refused counts the requests that were refused, by reason.
	Refused map[Refusal]int64

	// Ended counts the connections that have ended, by who ended them and the
	// code. The number of those that ended is Opened less Open.
	Ended map[End]int64

	// Messages, and their bytes before compression. What was sent counts when
	// it is handed to the network connection.
	MessagesIn, MessagesOut int64
	BytesIn, BytesOut       int64
}

// Refusal is why a request did not become a connection.
type Refusal string

// The reasons to refuse a request, with the status of the response.
const (
	RefusedMethod    Refusal = "method"    // 405
	RefusedOrigin    Refusal = "origin"    // 403
	RefusedHandshake Refusal = "handshake" // 400
	RefusedShutdown  Refusal = "shutdown"  // 503, after Group.Shutdown
	RefusedFull      Refusal = "full"      // 503, at Group.Max
)

// End is how a connection ended.
type End struct {
	// By is who ended it: "handler", "server" (shut down), "client" (its close frame),
	// "violation" (the client sent what it must not), "program" (a message that could
	// not be encoded or sent) or "network" (it failed, or the client was silent).
	By string
	// Code is the code of the close frame that was sent or answered: 1005
	// without a code, 1006 without a close frame.
	Code int
}

// Stats returns the group's counts. It takes time in proportion to the number
// of open connections, and none from their messages.
func (g *Group) Stats() Stats {
	g.mu.Lock()
	defer g.mu.Unlock()
	sum := g.past.clone()
	for m := range g.members {
		sum.add(m)
	}
	s := sum.Stats
	s.Open = int(s.Opened)
	for _, n := range s.Ended {
		s.Open -= int(n)
	}
	return s
}

// totals adds up what members have counted.
type totals struct{ Stats }

// refused counts a request of the group's handlers that was refused.
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

// kind is what a refusal counts as.
func (f *refusal) kind() Refusal {
	switch {
	case f.reason == errShutdown:
		return RefusedShutdown
	case f.reason == errFull:
		return RefusedFull
	case f.status == http.StatusMethodNotAllowed:
		return RefusedMethod
	case f.status == http.StatusForbidden:
		return RefusedOrigin
	}
	return RefusedHandshake
}

// add counts a member, which may be still open.
func (t *totals) add(m *member) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.opened {
		return
	}
	t.Opened++
	if m.left {
		if t.Ended == nil {
			t.Ended = make(map[End]int64)
		}
		t.Ended[m.end]++
	}
	t.MessagesIn += m.received.messages.Load()
	t.BytesIn += m.received.bytes.Load()
	t.MessagesOut += m.sent.messages.Load()
	t.BytesOut += m.sent.bytes.Load()
}

func (t *totals) clone() totals {
	c := *t
	c.Refused = maps.Clone(t.Refused)
	c.Ended = maps.Clone(t.Ended)
	return c
}
