package log_test

import (
	"fmt"
	"sync"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// guest is one membership, from JoinAfter on.
type guest struct {
	node   *node
	room   string
	after  string // where it wanted to go on
	member *rooms.LogMember[*text]
	missed rooms.Missed[*text]
	in     chan *text
	code   chan int
	quit   chan struct{}
	ended  sync.WaitGroup

	mu   sync.Mutex // protects what follows
	live []*text
	gone bool // left
}

func (g *guest) String() string {
	return fmt.Sprintf("guest of %s at process %d after %q, joined at %q",
		g.room, g.node.id, g.after, g.missed.Position)
}

func (h *history) join() string {
	n, room, after := pick(h.rand, h.cloud.living()), pick(h.rand, historyRooms), h.position()
	h.calls.Go(func() {
		g := &guest{node: n, room: room, after: after,
			in: make(chan *text), code: make(chan int, 1), quit: make(chan struct{})}
		var err error
		g.member, g.missed, err = n.rooms.JoinAfter(room, after, g.in, g.code, nil)
		if err != nil {
			return
		}
		g.member.Start()
		g.ended.Go(g.read)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.guests = append(h.guests, g)
	})
	return fmt.Sprintf("join %s at process %d after %q", room, n.id, after)
}

// position is an old one, of any room, or something else.
func (h *history) position() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch n := h.rand.IntN(10); {
	case n == 0:
		return pick(h.rand, []string{"", "x", "1-1", "zzzz-1"})
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

// last is the id of what the guest has got last, live or missed.
func (g *guest) last() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := len(g.live); n > 0 {
		return g.live[n-1].ID
	}
	if n := len(g.missed.Messages); n > 0 {
		return g.missed.Messages[n-1].Value.ID
	}
	return ""
}

// over reports whether nothing more is for the guest, which knows it.
func (g *guest) over() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.gone || g.node.killed || len(g.code) > 0
}

func (h *history) leave() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.guests) == 0 {
		return "wait"
	}
	g := pick(h.rand, h.guests)
	go g.leave() // it may wait for the network
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
