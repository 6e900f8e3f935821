// Package crowd is the clients of a soak: good ones, which check each message and each
// end, and bad ones of every kind.
package crowd

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/bench/soak/internal/book"
	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
)

// Crowd is what all clients share. All must be set.
type Crowd struct {
	Clients  int           // at the same time
	Rest     time.Duration // the longest time from one life to the next
	Pause    time.Duration // the longest time from one message of a client to the next
	Patience time.Duration // how long a good client waits for what it must get
	Stall    time.Duration // the longest time that a client does nothing
	Seed     uint64
	Target   *target.Target
	Ledger   *book.Ledger
}

// kind is a kind of client. The error of its life is a fault of the server.
type kind struct {
	name  string
	share int // how often it comes, beside the others
	path  string
	live  func(*life) error
}

// kinds are all of them.
var kinds = []kind{
	{"good text", 10, target.Text, echo},
	{"good bytes", 10, target.Bytes, echo},
	{"good JSON", 10, target.JSON, echo},
	{"good compressed", 6, target.Deflate, echo},
	{"good in a room", 30, target.Room, visit},
	{"good in a prepared room", 14, target.Prepared, visit},

	{"reset", 4, target.Text, rude(half, reset)},
	{"reset in a room", 2, target.Room, rude(half, reset)},
	{"reset in a prepared room", 2, target.Prepared, rude(half, reset)},
	{"vanished", 2, target.Text, rude(half, vanish)},
	{"half-closed", 3, target.Text, rude(large, halfClose)},
	{"flood", 2, target.Text, rude(flood, reset)},
	{"stall", 2, target.Text, rude(large, stall)},
	{"stall in a room", 2, target.Room, rude(large, stall)},
	{"broken JSON", 2, target.JSON, rude(noJSON, func(l *life) error {
		return l.wantClose(websocket.CloseInvalidFramePayloadData, 0)
	})},
	{"slow writer", 3, target.Text, slowWriter},
	{"hostile frames", 6, target.Small, hostileFrames},
	{"refused handshake", 3, target.Text, refusedHandshake},
}

func pick(r *rand.Rand) kind {
	var all []kind
	for _, k := range kinds {
		for range k.share {
			all = append(all, k)
		}
	}
	return all[r.IntN(len(all))]
}

// Run lets clients come and go for a time, or until ctx ends, and returns when the last
// has gone: each has a bounded life, and finishes it. The first are of all kinds.
func (c *Crowd) Run(ctx context.Context, length time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	var clients sync.WaitGroup
	for i := range c.Clients {
		clients.Go(func() {
			r := rand.New(rand.NewPCG(c.Seed, uint64(i)))
			for nth := 0; ; nth++ {
				select {
				case <-ctx.Done():
					return
				case <-time.After(rand.N(c.Rest)):
				}
				k := pick(r)
				if nth == 0 && i < len(kinds) {
					k = kinds[i]
				}
				c.live(k, r)
			}
		})
	}
	clients.Wait()
}

// Stay connects n clients and returns when each has echoed a message, or failed. The
// function that it returns waits for their ends: the server must tell each of them that
// it goes away.
func (c *Crowd) Stay(n int) (wait func()) {
	var here, gone sync.WaitGroup
	here.Add(n)
	for i := range n {
		gone.Go(func() {
			arrived := sync.OnceFunc(here.Done)
			defer arrived()
			c.live(kind{"good to the end", 0, target.Text, func(l *life) error {
				if err := errors.Join(l.say(right), l.want([]byte(right))); err != nil {
					return err
				}
				arrived()
				return l.wantClose(websocket.CloseGoingAway, 0)
			}}, rand.New(rand.NewPCG(c.Seed, uint64(i))))
		})
	}
	here.Wait()
	return gone.Wait
}

// life is one client; one goroutine uses it.
type life struct {
	*Crowd
	*websocket.Conn
	path   string
	rand   *rand.Rand
	server *httptest.Server
	begin  time.Time
}

// live is one client, from its first byte to its last.
func (c *Crowd) live(k kind, r *rand.Rand) {
	l := &life{Crowd: c, path: k.path, rand: r, server: c.Target.Plain, begin: time.Now()}
	if r.IntN(4) == 0 {
		l.server = c.Target.Secure
	}
	err := l.connect()
	if err == nil {
		err = k.live(l)
		l.Close()
	}
	switch {
	case err == nil:
		c.Ledger.Add(k.name, 1)
	case errors.Is(err, errEvicted):
		c.Ledger.Add("evicted", 1)
	default:
		c.Ledger.Fault("%s at %s, after %v: %v", k.name, l.server.URL,
			time.Since(l.begin).Round(time.Millisecond), err)
	}
}

// pause waits for a random time of at most d.
func (l *life) pause(d time.Duration) { time.Sleep(time.Duration(l.rand.Int64N(int64(d) + 1))) }
