package log_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// The histories take real time: few of them.
var seeds = brokertest.SeedFlags(4)

// Contract 13.2, for section 11 on a real NATS: the random histories of package logtest,
// while proxies stall, cut and part, the server is restarted, and the stream is lost. In
// each third one the stream is in memory. Nothing in them has to be in time.
func TestSimulate(t *testing.T) {
	t.Parallel()
	seeds.Run(t, func(t *testing.T, seed uint64) {
		h := &history{t: t, rand: rand.New(rand.NewPCG(seed, 3))}
		h.cloud = newCloud(t, natsrooms.LogOptions{Count: 12, Memory: seed%3 == 2, Wait: 2 * time.Second})
		h.run()
	})
}

const (
	historySteps = 60
	historyPace  = 60 * time.Millisecond // the mean
)

// history is one run. Its steps are taken by one goroutine; what waits for the network
// has one of its own.
type history struct {
	t     *testing.T
	cloud *cloud
	rand  *rand.Rand
	steps []string
	calls sync.WaitGroup

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
}

var historyRooms = []string{"lobby", "hall"}

func (h *history) run() {
	h.t.Cleanup(func() {
		if h.t.Failed() {
			h.t.Logf("the steps:\n\t%s", strings.Join(h.steps, "\n\t"))
		}
	})
	begin := time.Now()
	for range historySteps {
		h.steps = append(h.steps, fmt.Sprintf("%v %s", time.Since(begin), h.step()))
		time.Sleep(time.Duration(h.rand.Int64N(int64(2 * historyPace))))
	}
	if h.cloud.down {
		h.cloud.comeBack()
	}
	h.cloud.mend()
	h.calls.Wait()
	h.settle()
	h.cloud.recorder.catchUp()
	h.check()
	for _, g := range h.guests {
		g.leave()
	}
}

func (h *history) step() string {
	switch n := h.rand.IntN(100); {
	case n < 22:
		return h.join()
	case n < 29:
		return h.leave()
	case n < 66:
		return h.say()
	case n < 74:
		return h.cloud.breakSome(h.rand)
	case n < 84:
		h.cloud.mend()
		return "mend"
	case n < 90:
		return h.cloud.restart()
	case n < 93:
		return h.cloud.lose()
	case n < 96:
		return h.cloud.kill(h.rand)
	}
	return "wait"
}

// settle says something last in each room, and waits until everyone who is there has it.
func (h *history) settle() {
	living := h.cloud.living()
	for _, room := range historyRooms {
		natstest.Eventually(h.t, "the last message is taken", func() bool {
			c := &saying{room: room, id: "the end of " + room}
			h.call(living[0], c, time.Now().Add(2*time.Second))
			return c.err == nil
		})
	}
	for _, g := range h.guests {
		natstest.Eventually(h.t, fmt.Sprintf("%v has the end, or is told", g), func() bool {
			return g.over() || g.last() == "the end of "+g.room
		})
	}
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// say says something new, or something again.
func (h *history) say() string {
	n, room := pick(h.rand, h.cloud.living()), pick(h.rand, historyRooms)
	times := 1 + h.rand.IntN(4)
	for range times {
		c := &saying{room: room, id: fmt.Sprint("m", h.rand.Uint64())}
		h.mu.Lock()
		if len(h.said) > 0 && h.rand.IntN(3) == 0 {
			old := pick(h.rand, h.said)
			c.room, c.id = old.room, old.id
		}
		h.mu.Unlock()
		deadline := time.Now().Add(time.Duration(1 + h.rand.Int64N(int64(time.Second))))
		h.calls.Go(func() { h.call(n, c, deadline) })
	}
	return fmt.Sprintf("say %d in %s at process %d", times, room, n.id)
}

func (h *history) call(n *node, c *saying, deadline time.Time) {
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	c.at, c.err = n.rooms.Say(ctx, c.room, c.id, &text{ID: c.id})
	h.mu.Lock()
	defer h.mu.Unlock()
	h.said = append(h.said, c)
	if c.err == nil {
		h.places = append(h.places, c.at)
	}
}
