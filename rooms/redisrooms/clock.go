package redisrooms

import (
	"sync"
	"time"
)

// clock tells what the server's clock will show, as an answer has shown it last. What it
// tells is never later than what the server will show, unless that clock steps back.
type clock struct {
	base time.Time // has a reading of the monotonic clock, so ours may step

	mu    sync.Mutex // protects the fields below
	known bool
	ahead time.Duration // what the server's clock shows at base, after 1970, at least
}

func newClock() *clock { return &clock{base: time.Now()} }

// see notes what the server's clock has shown, at some moment between two of ours. The
// narrower that is, the better is it known.
func (c *clock) see(shown time.Duration, sent, received time.Time) {
	least, most := shown-received.Sub(c.base), shown-sent.Sub(c.base)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known || c.ahead < least || c.ahead > most {
		c.known, c.ahead = true, least
	}
}

// at returns what the server's clock will show at one of our times, and a time long ago
// if nothing is known.
func (c *clock) at(t time.Time) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known {
		return 0
	}
	return c.ahead + t.Sub(c.base)
}
