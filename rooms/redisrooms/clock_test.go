package redisrooms

import (
	"testing"
	"time"
)

// Contract 11.2: the server's clock may be another one, and step; an answer may be slow.
// What is taken for it is never later than it can be.
func TestClock(t *testing.T) {
	c := newClock()
	ours := func(d time.Duration) time.Time { return c.base.Add(d * time.Second) }
	const theirs = 5000 * time.Second // at our base
	want := func(least, most time.Duration, why string) {
		t.Helper()
		got := c.at(ours(100)) - theirs - 100*time.Second
		if got < least*time.Second || got > most*time.Second {
			t.Errorf("at = %v from what the server's clock shows, want %d to %d s: %s",
				got, least, most, why)
		}
	}
	if got := c.at(ours(100)); got != 0 {
		t.Errorf("at = %v, want a time long ago: nothing is known", got)
	}
	c.see(theirs+11*time.Second, ours(10), ours(13))
	want(-2, 0, "the answer took three seconds")
	c.see(theirs+20*time.Second, ours(20), ours(20))
	want(0, 0, "an answer without delay")
	c.see(theirs+31*time.Second, ours(30), ours(39))
	want(0, 0, "a slow answer says nothing new")
	c.see(theirs+47*time.Second, ours(40), ours(40))
	want(7, 7, "the clock has stepped ahead")
	c.see(theirs+50*time.Second, ours(50), ours(52))
	want(-2, 0, "the clock has stepped back")
}
