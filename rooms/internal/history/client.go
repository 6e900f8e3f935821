package history

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// lastWord is said in each room at the end.
const lastWord = "the end"

// joinWait is how long JoinAfter waits for the log, by its documentation.
const joinWait = 5 * time.Second

// client comes to one room again and again, until it has seen the end.
type client struct {
	h     *history
	id    int
	room  string
	rand  *rand.Rand
	after string // the last position that it has seen

	mu     sync.Mutex // protects the fields below
	visits []*visit
	failed error // of the last JoinAfter, if it failed
	done   bool
}

// visit is one membership, from JoinAfter on.
type visit struct {
	client  *client
	process *process
	after   string // where it wanted to go on
	missed  missed
	life    int // of the log, when it joined

	mu    sync.Mutex // protects the fields below
	live  []*Text
	ended string // why, "" if it goes on
}

func (v *visit) String() string {
	return fmt.Sprintf("client %d of %q at process %d, after %q, joined at %q",
		v.client.id, v.client.room, v.process.id, v.after, v.missed.Position)
}

// come ends when the client has seen the end.
func (c *client) come() {
	for !c.visit(c.position()) {
		time.Sleep(draw(c.rand, c.h.world.Pace))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done = true
}

// waits says for what the client waits, "" if it is done.
func (c *client) waits() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.done:
		return ""
	case c.failed != nil:
		return fmt.Sprintf("client %d of %q cannot join: %v", c.id, c.room, c.failed)
	case len(c.visits) == 0:
		return fmt.Sprintf("client %d of %q has not joined once", c.id, c.room)
	}
	v := c.visits[len(c.visits)-1]
	v.mu.Lock()
	defer v.mu.Unlock()
	return fmt.Sprintf("%v got %d, and not the end; %s", v, len(v.live), v.ended)
}

// position is mostly the last that the client has seen. Once nobody speaks any more, any
// other may be that of the end, and who comes with that waits for nothing.
func (c *client) position() string {
	n := c.rand.IntN(12)
	select {
	case <-c.h.silent:
		return c.after
	default:
	}
	switch n {
	case 0:
		return pick(c.rand, []string{"", "x", "1-1", "zzzz-1"})
	case 1:
		return c.h.ledger.anyPlace(c.rand, pick(c.rand, roomNames))
	}
	return c.after
}

// visit reports whether the client has seen the end.
func (c *client) visit(after string) (end bool) {
	living := c.h.living()
	if len(living) == 0 {
		return true // the history is over
	}
	p := pick(c.rand, living)
	in, code := make(chan *Text, c.rand.IntN(4)), make(chan int, 1)
	v, m := c.h.join(c, p, after, in, code)
	if v == nil {
		return false
	}
	defer m.Leave()
	for _, said := range v.missed.Messages {
		end = end || said.Value.ID == lastWord
	}
	c.after = v.missed.Position
	c.mu.Lock()
	c.visits = append(c.visits, v)
	c.mu.Unlock()
	m.Start()
	return end || v.read(in, code)
}

// visits returns all that there were.
func (h *history) visits() (all []*visit) {
	for _, c := range h.clients {
		c.mu.Lock()
		all = append(all, c.visits...)
		c.mu.Unlock()
	}
	return all
}

// join is JoinAfter in its time. It returns nil if that failed.
func (h *history) join(c *client, p *process, after string, in chan *Text, code chan int) (
	*visit, *member,
) {
	h.calls.enter()
	defer h.calls.leave()
	begun := time.Now()
	m, missed, err := p.chat.JoinAfter(c.room, after, in, code, c)
	if took := time.Since(begun); took > joinWait+h.world.Slowest && !p.killed() {
		h.fault("process %d: JoinAfter %q took %v, want %v at most", p.id, after, took, joinWait)
	}
	c.mu.Lock()
	c.failed = err
	c.mu.Unlock()
	if err != nil {
		return nil, nil
	}
	v := &visit{client: c, process: p, after: after, missed: missed}
	v.life = h.ledger.joined(c.room, missed)
	return v, m
}

// read ends when the client has had enough, was disconnected, or has seen the end.
func (v *visit) read(in chan *Text, code chan int) (end bool) {
	c := v.client
	enough := time.After(draw(c.rand, 12*c.h.world.Pace))
	silent := c.h.silent
	for {
		select {
		case text := <-in:
			v.mu.Lock()
			v.live = append(v.live, text)
			v.mu.Unlock()
			c.after = text.At
			c.h.ledger.saw(c.room, text)
			if text.ID == lastWord {
				return true
			}
		case <-silent: // it stays until it has seen the end
			silent, enough = nil, nil
		case <-enough:
			v.end("had enough")
			return false
		case <-code:
			v.end("was disconnected")
			return false
		case <-v.process.dead:
			v.end("its process was killed")
			return false
		}
	}
}

func (v *visit) end(why string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.ended = why
}
