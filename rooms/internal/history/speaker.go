package history

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// speaker says one message after the other, at any process.
type speaker struct {
	h    *history
	id   int
	rand *rand.Rand
}

// saying is a call of Say.
type saying struct {
	room, id string
	at       string
	err      error
	life     int // of the log, when it returned
}

func (c *saying) uncertain() bool { return errors.Is(c.err, rooms.ErrUncertain) }

// speak ends when the history falls silent.
func (s *speaker) speak() {
	for n := 0; ; n++ {
		select {
		case <-s.h.silent:
			return
		case <-time.After(draw(s.rand, s.h.world.Pace/4)):
		}
		room, id := pick(s.rand, roomNames), fmt.Sprintf("m%d-%d", s.id, n)
		for tries := s.rand.IntN(3); ; tries-- { // a user tries again with the same id
			patience := s.h.world.Pace/8 + draw(s.rand, s.h.world.Pace*4)
			c := s.h.say(pick(s.rand, s.h.living()), room, id, patience)
			if tries <= 0 || !c.uncertain() {
				break
			}
		}
	}
}

func (h *history) say(p *process, room, id string, patience time.Duration) *saying {
	h.calls.enter()
	defer h.calls.leave()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	begun := time.Now()
	c := &saying{room: room, id: id}
	c.at, c.err = p.chat.Say(ctx, room, id, &Text{ID: id})
	if took := time.Since(begun); took > patience+h.world.Slowest && !p.killed() {
		h.fault("process %d: Say of %s took %v, want %v at most", p.id, id, took, patience)
	}
	h.ledger.said(c)
	return c
}
