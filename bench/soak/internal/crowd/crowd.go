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

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/bench/soak/internal/book"
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

// Crowd is what all clients share. Target and Ledger must be set.
type Crowd struct {
	Options
	Target *target.Target
	Ledger *book.Ledger
	ids    atomic.Int64
}

// kind is a kind of client. The error of its life is a fault of the server.
type kind struct {
	name  string
	share int // how often it comes, beside the others
	live  func(*life) error
}

// kinds are all of them.
var kinds = []kind{
	{"good text", 10, echo(target.Text, websocket.TextMessage)},
	{"good bytes", 10, echo(target.Bytes, websocket.BinaryMessage)},
	{"good JSON", 10, echo(target.JSON, websocket.TextMessage)},
	{"good compressed", 6, echo(target.Deflate, websocket.TextMessage)},
	{"good in a room", 30, visit(target.Room)},
	{"good in a prepared room", 14, visit(target.Prepared)},

	{"reset", 4, rude(target.Text, half, reset)},
	{"reset in a room", 2, rude(target.Room, half, reset)},
	{"reset in a prepared room", 2, rude(target.Prepared, half, reset)},
	{"vanished", 2, rude(target.Text, half, vanish)},
	{"half-closed", 3, rude(target.Text, some, halfClose)},
	{"flood", 2, rude(target.Text, flood, reset)},
	{"stall", 2, rude(target.Text, large, stall)},
	{"stall in a room", 2, rude(target.Room, large, stall)},
	{"broken JSON", 2, rude(target.JSON, noJSON, func(l *life, c *websocket.Conn) error {
		return l.wantClose(c, websocket.CloseInvalidFramePayloadData, 0)
	})},
	{"slow writer", 3, slowWriter},
	{"hostile frames", 6, hostileFrames},
	{"unfinished handshake", 3, unfinishedHandshake},
	{"refused handshake", 3, refusedHandshake},
	{"no TLS", 1, noTLS},
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

// Run lets clients come and go until ctx ends, and returns when the last has gone: each
// has a bounded life, and finishes it. The first are of all kinds.
func (c *Crowd) Run(ctx context.Context) {
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
	for i := range n {
		here.Add(1)
		gone.Go(func() {
			arrived := sync.OnceFunc(here.Done)
			defer arrived()
			c.live(kind{name: "good to the end", live: func(l *life) error {
				conn, err := l.dial(target.Text, false)
				if err != nil {
					return err
				}
				defer conn.Close()
				err = conn.WriteMessage(websocket.TextMessage, []byte(right))
				if err == nil {
					err = l.want(conn, websocket.TextMessage, []byte(right))
				}
				if err != nil {
					return err
				}
				arrived()
				return l.wantClose(conn, websocket.CloseGoingAway, 0)
			}}, rand.New(rand.NewPCG(c.Seed, uint64(i))))
		})
	}
	here.Wait()
	return gone.Wait
}

// life is one client; one goroutine uses it.
type life struct {
	*Crowd
	rand   *rand.Rand
	secure bool // by TLS
	begin  time.Time
}

// live is one client, from its first byte to its last.
func (c *Crowd) live(k kind, r *rand.Rand) {
	l := &life{Crowd: c, rand: r, secure: r.IntN(4) == 0, begin: time.Now()}
	switch err := k.live(l); {
	case err == nil:
		c.Ledger.Count(k.name)
	case errors.Is(err, errLate):
		c.Ledger.Count("late")
	case errors.Is(err, errEvicted):
		c.Ledger.Count("evicted")
	default:
		c.Ledger.Fault("%s (TLS %v), after %v: %v", k.name, l.secure,
			time.Since(l.begin).Round(time.Millisecond), err)
	}
}

// pause waits for a random time of at most d.
func (l *life) pause(d time.Duration) { time.Sleep(time.Duration(l.rand.Int64N(int64(d) + 1))) }
