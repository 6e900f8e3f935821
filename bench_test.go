package sockets

import (
	"net/http"
	"testing"
)

// crowd returns a group with n open connections, and others that have ended.
func crowd(tb testing.TB, n int) *Group {
	tb.Helper()
	g := new(Group)
	for i := range 2 * n {
		m, refused := g.join(new(http.Request))
		if refused != nil {
			tb.Fatal(refused.reason)
		}
		m.upgraded(new(bridge[string]))
		m.received.add(1, 100)
		m.sent.add(2, 200)
		if i%2 == 0 {
			m.ended(returnEnding())
			g.leave(m)
		}
	}
	return g
}

// Contract 7.5: a scrape of 10,000 connections.
func BenchmarkStats(b *testing.B) {
	g := crowd(b, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		if s := g.Stats(); s.Open != 10_000 {
			b.Fatalf("Open = %d, want 10000", s.Open)
		}
	}
}
