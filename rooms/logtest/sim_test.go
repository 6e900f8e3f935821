package logtest_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
)

var seeds = history.SeedFlags(100)

// Contract 13.2, for section 11, on a simulated network.
func TestSimulate(t *testing.T) { simulate(t, same) }

// simulate runs histories of logs that fault has made of right ones.
func simulate(t *testing.T, fault func(rooms.Log) rooms.Log) {
	seeds.Run(t, func(t *testing.T, seed uint64) {
		synctest.Test(t, func(t *testing.T) {
			sim := brokertest.NewSim(t, seed)
			s := newService(seed, 12)
			history.Log(t, seed, s.world(sim, sim.Start(), fault))
		})
	})
}

// world is the network of a service, which runs in one of its processes.
func (s *service) world(
	sim *brokertest.Sim, at *brokertest.Process, fault func(rooms.Log) rooms.Log,
) history.World {
	return history.World{
		Connect: func() (rooms.Log, func()) {
			p := sim.Start()
			l := newSimLog(s, at, p)
			return fault(l), func() { p.Kill(); l.close() }
		},
		Break: func(r *rand.Rand) (string, func()) {
			if r.IntN(4) == 0 {
				s.stop()
				return "stop the service", func() { s.start(false) }
			}
			return sim.Break(r)
		},
		Lose: func(*rand.Rand) (string, uint64) {
			s.stop()
			s.start(true)
			return "lose the log", 0
		},
		Life:    s.life,
		Keeps:   s.keeps,
		Dropped: true,
		Steps:   80,
		Backlog: 50,
		// Slowest becomes a second when those who join a room share one try to follow it
		// (issue 18, 3.2): the k-th waits for 5k seconds so far.
		Times: history.Times{
			Pace: time.Second, Slowest: 100 * time.Second, Healing: time.Minute},
	}
}

// life returns in which life the service has given a position.
func (s *service) life(room, position string) (life int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, names := range s.lives {
		if r := names[room]; r != nil && strings.HasSuffix(position, tag(r.end())) {
			life = i
		}
	}
	return life
}

// tag is what the positions of a room end with in one life.
func tag(p rooms.Place) string {
	_, tag, _ := strings.Cut(p.String(), "-")
	return "-" + tag
}

// keeps reports whether the service has had all that came after a position, ever since.
func (s *service) keeps(room, position string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.room(room)
	for i, e := range r.all {
		if e.String() == position {
			return len(r.all)-i-1 <= s.count
		}
	}
	return false
}
