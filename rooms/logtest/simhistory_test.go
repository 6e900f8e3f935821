package logtest_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
)

// text is what is said in a simulation: the id is in it.
type text struct{ ID, At string }

// site is a process with rooms.
type site struct {
	process *brokertest.Process
	log     *simLog
	rooms   *rooms.LogRooms[*text]
	killed  bool
}

// history is one run. Its steps are taken by one goroutine; what waits for the network
// has one of its own.
type history struct {
	t       *testing.T
	sim     *brokertest.Sim
	rand    *rand.Rand
	service *service
	at      *brokertest.Process // the service's
	fault   func(rooms.Log) rooms.Log
	sites   []*site
	broken  []func()
	steps   []string
	calls   sync.WaitGroup

	mu     sync.Mutex // protects what follows
	guests []*guest
	said   []*saying
	places []string // positions that were seen, of any room
}

// saying is a call of Say.
type saying struct {
	room, id string
	at       string
	err      error
	deadline time.Time
}

// newHistory makes a history of logs that fault has made of right ones.
func newHistory(t *testing.T, seed uint64, fault func(rooms.Log) rooms.Log) *history {
	h := &history{t: t, sim: brokertest.NewSim(t, seed), rand: rand.New(rand.NewPCG(seed, 7)),
		fault: fault}
	h.service, h.at = newService(seed, 12), h.sim.Start()
	for range 3 {
		h.start()
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the steps:\n\t%s", strings.Join(h.steps, "\n\t"))
		}
	})
	return h
}

func (h *history) start() string {
	s := &site{process: h.sim.Start()}
	s.log = newSimLog(h.service, h.at, s.process)
	s.rooms = rooms.NewOnLog(h.fault(s.log), &rooms.Options[*text]{
		Stamp: func(m *text, at string) *text { m.At = at; return m },
	})
	h.sites = append(h.sites, s)
	return fmt.Sprint("start process ", len(h.sites))
}

func (h *history) run() {
	for range 80 {
		h.steps = append(h.steps, fmt.Sprintf("%v %s", time.Now().Format("05.000"), h.step()))
		time.Sleep(1 + time.Duration(h.rand.Int64N(int64(time.Second))))
	}
	h.mend()
	if h.service.down {
		h.service.start(false)
	}
	time.Sleep(2 * time.Minute)
	h.calls.Wait()
	h.check()
	for _, g := range h.guests {
		g.leave()
	}
	for _, s := range h.sites {
		s.kill()
	}
}

func (h *history) step() string {
	switch n := h.rand.IntN(100); {
	case n < 20:
		return h.join()
	case n < 28:
		return h.leave()
	case n < 65:
		return h.say()
	case n < 83:
		return h.breakOrMend()
	case n < 87:
		return h.restart()
	case n < 90:
		return h.lose()
	case n < 93:
		return h.kill()
	}
	return "wait"
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func (h *history) room() string { return pick(h.rand, []string{"lobby", "hall"}) }

// site returns a living process.
func (h *history) site() *site {
	for {
		if s := pick(h.rand, h.sites); !s.killed {
			return s
		}
	}
}

// say says something new, or something again.
func (h *history) say() string {
	s, room := h.site(), h.room()
	n := 1 + h.rand.IntN(4)
	for range n {
		call := &saying{room: room, id: fmt.Sprint("m", h.rand.Uint64())}
		h.mu.Lock()
		if len(h.said) > 0 && h.rand.IntN(3) == 0 {
			old := pick(h.rand, h.said)
			call.room, call.id = old.room, old.id
		}
		h.mu.Unlock()
		patience := time.Duration(1 + h.rand.Int64N(int64(4*time.Second)))
		call.deadline = time.Now().Add(patience)
		h.calls.Go(func() { h.call(s, call) })
	}
	return fmt.Sprintf("say %d in %s", n, room)
}

func (h *history) call(s *site, c *saying) {
	ctx, cancel := context.WithDeadline(context.Background(), c.deadline)
	defer cancel()
	at, err := s.rooms.Say(ctx, c.room, c.id, &text{ID: c.id})
	h.mu.Lock()
	defer h.mu.Unlock()
	c.at, c.err = at, err
	h.said = append(h.said, c)
	if err == nil {
		h.places = append(h.places, at)
	}
}

func (h *history) breakOrMend() string {
	if len(h.broken) > 0 && h.rand.IntN(2) == 0 {
		h.mend()
		return "mend"
	}
	what, mend := h.sim.Break(h.rand)
	h.broken = append(h.broken, mend)
	return "break: " + what
}

func (h *history) mend() {
	for _, mend := range h.broken {
		mend()
	}
	h.broken = nil
}

func (h *history) restart() string {
	if h.service.down {
		h.service.start(false)
		return "start the service"
	}
	h.service.stop()
	return "stop the service"
}

func (h *history) lose() string {
	h.service.stop()
	h.service.start(true)
	return "lose the log"
}

func (h *history) kill() string {
	living := 0
	for _, s := range h.sites {
		if !s.killed {
			living++
		}
	}
	if living < 3 {
		return h.start()
	}
	s := h.site()
	s.killed = true
	s.kill()
	return "kill a process"
}

func (s *site) kill() {
	s.process.Kill()
	select {
	case <-s.log.quit:
	default:
		s.log.close()
	}
}

func (h *history) isKnown(err error) bool { return errors.Is(err, rooms.ErrUncertain) }
