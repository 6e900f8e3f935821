package history

import (
	"fmt"
	"testing"
	"time"
)

// The size of a history of presence.
const (
	presenceRounds = 3
	presenceSteps  = 40
	presenceBurst  = 30 // visits that are entered together, at most
)

// Presence runs a random history of a presence on a network, chosen by the seed:
// processes start, are killed and are closed; people come, change and leave, alone and in
// bursts; the network breaks and is repaired. From time to time it repairs the network,
// waits for three beats, and checks that
//
//   - all processes list the same people, in the same order, and each once,
//   - everyone who is there is listed, and nobody who has left or whose process was
//     killed; people of a process that was closed must be gone at once,
//   - the calls of the hook add up to the same lists,
//   - no error was reported on a network without Break and Kills.
//
// At the end no subscription and no goroutine may be left. Use it like [Broadcasts].
func Presence(t *testing.T, seed uint64, n Network) {
	c := &census{run: newRun(t, seed, 2, n.Pace), network: n}
	c.breaks, c.calm = n.Break, n.Break == nil && !n.Kills
	c.open()
	c.open()
	for range presenceRounds {
		c.take(presenceSteps, c.step)
		c.round()
	}
	c.closeAll()
}

// census is one run of Presence.
type census struct {
	*run
	network Network
	calm    bool // nothing breaks, and so no error may be told
	homes   []*home
	visits  int // that were entered so far
}

// beat is such that several steps fall into one, and several beats into a round. A
// process that is silent for three beats counts as gone, so in real time a beat is long
// enough for a busy machine.
func (c *census) beat() time.Duration { return max(2*c.network.Pace, time.Second/2) }

func (c *census) step() string {
	switch n := c.rand.IntN(100); {
	case n < 30:
		return c.enter(1)
	case n < 40:
		return c.enter(presenceBurst)
	case n < 55:
		return c.update()
	case n < 75:
		return c.leave()
	case n < 90:
		return c.breakOrMend()
	case n < 94:
		return c.open()
	case n < 97:
		return c.kill()
	}
	return c.end((*home).close)
}

func (c *census) open() string {
	if len(c.living()) == broadcastSites {
		return "wait"
	}
	h := newHome(c, len(c.homes))
	c.homes = append(c.homes, h)
	return fmt.Sprint("start process ", h.id)
}

func (c *census) kill() string {
	if !c.network.Kills {
		return "wait"
	}
	return c.end((*home).kill)
}

// end ends a process, but not the last ones.
func (c *census) end(how func(*home)) string {
	living := c.living()
	if len(living) <= 2 {
		return c.open()
	}
	h := pick(c.rand, living)
	how(h)
	return fmt.Sprintf("end process %d, by kill: %v", h.id, h.killed)
}

func (c *census) living() []*home {
	return filter(c.homes, func(h *home) bool { return !h.ended })
}

// enter lets up to n people come in. There are few keys: many have several visits.
func (c *census) enter(n int) string {
	h := pick(c.rand, c.living())
	for range 1 + c.rand.IntN(n) {
		c.visits++
		room, key := pick(c.rand, broadcastRooms), fmt.Sprint("person ", c.rand.IntN(8))
		v, err := h.presence.Enter(room, key, fmt.Sprint(c.visits))
		if err != nil {
			c.t.Errorf("Enter = %v, want no error", err)
			return ""
		}
		h.here = append(h.here, &stay{v, room, key, fmt.Sprint(c.visits)})
	}
	return fmt.Sprintf("people enter at process %d, which has %d visits now", h.id, len(h.here))
}

func (c *census) update() string {
	h := pick(c.rand, c.living())
	if len(h.here) == 0 {
		return "wait"
	}
	s := pick(c.rand, h.here)
	s.value += "'"
	if err := s.visitor.Update(s.value); err != nil {
		c.t.Errorf("Update = %v, want no error", err)
	}
	return fmt.Sprintf("%s at process %d is %s", s.key, h.id, s.value)
}

// leave lets one leave, or many.
func (c *census) leave() string {
	h := pick(c.rand, c.living())
	most := 1
	if c.rand.IntN(4) == 0 {
		most = presenceBurst
	}
	for n := 1 + c.rand.IntN(most); n > 0 && len(h.here) > 0; n-- {
		i := c.rand.IntN(len(h.here))
		h.here[i].visitor.Leave()
		h.here = append(h.here[:i], h.here[i+1:]...)
	}
	return fmt.Sprintf("people leave at process %d, which has %d visits now", h.id, len(h.here))
}
