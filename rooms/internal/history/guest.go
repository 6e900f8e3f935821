package history

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// guest is a member in a history. The history's goroutine calls its methods; another
// reads what it is sent.
type guest struct {
	site       *site
	name       int
	room       string
	healthy    bool // it reads at once, and so is never removed
	in         chan string
	disconnect chan int
	member     *rooms.Member[string]
	reader     *reader

	joining, joined int64 // when Join was called and had returned
	leaving         int64 // when Leave was called, 0 before

	mu      sync.Mutex // protects the fields below
	got     []receipt
	removed error
}

// receipt is a message that a guest got.
type receipt struct {
	at               int64
	when             time.Time
	site, speaker, n int
}

func (g *guest) String() string {
	return fmt.Sprintf("member %d of process %d in %q", g.name, g.site.id, g.room)
}

// joinNow joins, and starts to read.
func (g *guest) joinNow() {
	h := g.site.h
	g.disconnect = make(chan int, 1)
	start := time.Now()
	g.joining = h.now()
	var err error
	g.member, err = g.site.rooms.Join(g.room, g.in, g.disconnect, g)
	g.joined = h.now()
	if err != nil {
		h.t.Errorf("Join of %v = %v, want no error", g, err)
	}
	if took := time.Since(start); took > h.network.Slowest {
		h.t.Errorf("Join of %v took %v", g, took)
	}
	g.reader = startReader(g)
	g.site.visit(g)
}

// leave stops reading, takes some messages, and leaves. What is in the channel then was
// sent before: the rest that comes is too much.
func (g *guest) leave(take int) {
	g.site.goes(g)
	g.reader.stop()
	for range take {
		select {
		case msg := <-g.in:
			g.receive(msg)
		default:
		}
	}
	g.leaving = g.site.h.now()
	start := time.Now()
	g.member.Leave()
	if took := time.Since(start); took > g.site.h.network.Slowest {
		g.site.h.t.Errorf("Leave of %v took %v", g, took)
	}
	g.drain()
}

// walkAway stops reading. A member that was removed need not leave: what its slow reader
// has left in the channel was sent before the removal.
func (g *guest) walkAway() {
	g.leaving = g.site.h.now()
	g.reader.stop()
	g.drain()
}

// drain takes what is in the channel now.
func (g *guest) drain() {
	for range len(g.in) {
		g.receive(<-g.in)
	}
}

func (g *guest) left() bool { return g.leaving != 0 }

// late returns how many messages came after Leave.
func (g *guest) late() (n int) {
	for {
		select {
		case <-g.in:
			n++
		default:
			return n
		}
	}
}

func (g *guest) receive(msg string) {
	r, room, err := parse(msg)
	if err != nil || room != g.room {
		g.site.h.t.Errorf("%v received %.80q, want a message of that room", g, msg)
		return
	}
	r.at, r.when = g.site.h.now(), time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.got = append(g.got, r)
}

// parse takes apart the text of a speaker.
func parse(msg string) (r receipt, room string, err error) {
	for _, field := range []*int{&r.site, &r.speaker, &r.n} {
		var number string
		number, msg, _ = strings.Cut(msg, " ")
		if *field, err = strconv.Atoi(number); err != nil {
			return r, "", err
		}
	}
	return r, strings.TrimRight(msg, padding), nil
}

// from returns what the guest got from a speaker.
func (g *guest) from(s *talker) (all []receipt) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range g.got {
		if r.site == s.site.id && r.speaker == s.id {
			all = append(all, r)
		}
	}
	return all
}

// last returns the number of the last message from a speaker, -1 if there was none.
func (g *guest) last(s *talker) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range slices.Backward(g.got) {
		if r.site == s.site.id && r.speaker == s.id {
			return r.n
		}
	}
	return -1
}

// heardAbroad reports whether anything of another process came in that time.
func (g *guest) heardAbroad(since, until int64) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.ContainsFunc(g.got, func(r receipt) bool {
		return r.site != g.site.id && r.at > since && r.at < until
	})
}

// knew reports whether anything of a process had come before.
func (g *guest) knew(s *site, before int64) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.ContainsFunc(g.got, func(r receipt) bool {
		return r.site == s.id && r.at < before
	})
}

func (g *guest) onRemove(reason error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.removed = reason
}

// wrongCode looks at the code that waits in disconnect, if there is one.
func (g *guest) wrongCode() string {
	select {
	case code := <-g.disconnect:
		g.disconnect <- code // there is room, nobody removes twice
		if code != 1013 {
			return fmt.Sprintf("%v was disconnected with code %d, want 1013", g, code)
		}
	default:
	}
	return ""
}

// reason says why the guest was removed, nil if it was not.
func (g *guest) reason() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.removed
}
