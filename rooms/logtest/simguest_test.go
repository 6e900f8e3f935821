package logtest_test

import (
	"fmt"
	"sync"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// guest is one membership, from JoinAfter on.
type guest struct {
	site   *site
	room   string
	after  string // where it wanted to go on
	member *rooms.LogMember[*text]
	missed rooms.Missed[*text]
	in     chan *text
	code   chan int
	quit   chan struct{}
	ended  sync.WaitGroup

	mu   sync.Mutex
	live []*text
	gone bool // left
}

func (h *history) join() string {
	s, room := h.site(), h.room()
	after := h.position()
	think := time.Duration(h.rand.Int64N(int64(2 * time.Second)))
	h.calls.Go(func() {
		g := &guest{site: s, room: room, after: after,
			in: make(chan *text, think%3), code: make(chan int, 1), quit: make(chan struct{})}
		var err error
		g.member, g.missed, err = s.rooms.JoinAfter(room, after, g.in, g.code, nil)
		if err != nil {
			return
		}
		h.mu.Lock()
		h.guests = append(h.guests, g)
		h.mu.Unlock()
		time.Sleep(think) // it sends what was missed
		g.member.Start()
		g.ended.Go(g.read)
	})
	return fmt.Sprintf("join %s after %q", room, after)
}

// position is an old one, of any room, or something else.
func (h *history) position() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch n := h.rand.IntN(10); {
	case n == 0:
		return pick(h.rand, []string{"", "x", "1-1", "zzzz-1"})
	case n == 1 && len(h.places) > 0:
		return "zz" + pick(h.rand, h.places) // after the end of the same log
	case n < 4 && len(h.places) > 0:
		return pick(h.rand, h.places)
	case len(h.guests) > 0:
		return pick(h.rand, h.guests).position()
	}
	return ""
}

// position is the last that the guest has seen.
func (g *guest) position() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := len(g.live); n > 0 {
		return g.live[n-1].At
	}
	return g.missed.Position
}

// read ends when the guest leaves.
func (g *guest) read() {
	for {
		select {
		case m := <-g.in:
			g.mu.Lock()
			g.live = append(g.live, m)
			g.mu.Unlock()
		case <-g.quit:
			return
		}
	}
}

func (h *history) leave() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.guests) == 0 {
		return "wait"
	}
	g := pick(h.rand, h.guests)
	synctest.Wait()
	g.leave()
	return "leave " + g.room
}

func (g *guest) leave() {
	g.mu.Lock()
	gone := g.gone
	g.gone = true
	g.mu.Unlock()
	if gone {
		return
	}
	g.member.Leave()
	close(g.quit)
	g.ended.Wait()
}

// removed reports whether the guest was disconnected.
func (g *guest) removed() bool { return len(g.code) > 0 }
