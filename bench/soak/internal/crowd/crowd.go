// Package crowd is the clients of a soak: good ones, which check each message and each
// end, and bad ones of every kind.
package crowd

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/soak/internal/book"
	"github.com/beatrichartz/martini-sockets/bench/soak/internal/ledger"
	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
)

// Options bound a crowd.
type Options struct {
	Clients  int           // at the same time
	Rest     time.Duration // the longest time from one life to the next
	Pause    time.Duration // the longest time from one message of a client to the next
	Patience time.Duration // how long a good client waits for what it must get
	Stall    time.Duration // the longest time that a client does nothing
	Seed     uint64
}

// Crowd is what all clients share.
type Crowd struct {
	Options
	target *target.Target
	ledger *ledger.Ledger
	books  book.Books
	ids    atomic.Int64
}

// New returns a crowd that has not started.
func New(t *target.Target, l *ledger.Ledger, o Options) *Crowd {
	return &Crowd{Options: o, target: t, ledger: l}
}

// Run lets clients come and go until ctx ends, and returns when the last has gone: each
// has a bounded life, and finishes it. The first are of all kinds.
func (c *Crowd) Run(ctx context.Context) {
	var clients sync.WaitGroup
	for i := range c.Clients {
		clients.Go(func() {
			r := rand.New(rand.NewPCG(c.Seed, uint64(i)))
			for nth := 0; ; nth++ {
				if rest(ctx, r, c.Rest); ctx.Err() != nil {
					return
				}
				k := c.pick(r)
				if nth == 0 && i < len(kinds) {
					k = kinds[i]
				}
				c.live(k, r)
			}
		})
	}
	clients.Wait()
}

// Rooms is the number of rooms whose books are open.
func (c *Crowd) Rooms() int { return c.books.Rooms() }

// live is one client, from its first byte to its last.
func (c *Crowd) live(k kind, r *rand.Rand) {
	l := &life{Crowd: c, rand: r, secure: r.IntN(4) == 0, begin: time.Now()}
	switch err := k.live(l); {
	case err == nil:
		c.ledger.Life(k.name)
	case errors.Is(err, errLate):
		c.ledger.Late()
	default:
		c.ledger.Fault("%s (TLS %v), after %v: %v", k.name, l.secure,
			time.Since(l.begin).Round(time.Millisecond), err)
	}
}

// rest waits for a random time of at most d, or until ctx ends.
func rest(ctx context.Context, r *rand.Rand, d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(rand.N(d)):
	}
}

// life is one client; one goroutine uses it.
type life struct {
	*Crowd
	rand   *rand.Rand
	secure bool // by TLS
	begin  time.Time
}

// pause waits for a random time of at most d.
func (l *life) pause(d time.Duration) {
	if d > 0 {
		time.Sleep(time.Duration(l.rand.Int64N(int64(d))))
	}
}
