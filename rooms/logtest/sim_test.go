package logtest_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
	"github.com/beatrichartz/martini-sockets/rooms/internal/sim"
)

var seeds = history.SeedFlags(100, 1)

// Contract 13.2, for section 11, on a simulated network.
func TestSimulate(t *testing.T) { simulate(t, same) }

// simulate runs histories of logs that fault has made of right ones.
func simulate(t *testing.T, fault func(rooms.Log) rooms.Log) {
	seeds.Run(t, func(t *testing.T, seed uint64) {
		synctest.Test(t, func(t *testing.T) {
			net := sim.New(t, seed)
			s := newService(seed, 12)
			history.Log(t, seed, s.world(net, net.Start(), fault))
		})
	})
}

// world is the network of a service, which runs in one of its processes.
func (s *service) world(
	net *sim.Network, at *sim.Process, fault func(rooms.Log) rooms.Log,
) history.World {
	return history.World{
		Connect: func() (rooms.Log, func()) {
			p := net.Start()
			l := newSimLog(s, at, p)
			return fault(l), func() { p.Kill(); l.close() }
		},
		Break: func(r *rand.Rand) (string, func()) {
			if r.IntN(4) == 0 {
				s.stop()
				return "stop the service", s.start
			}
			return net.Break(r)
		},
		Lose:    s.loseSome,
		Last:    s.lastKept,
		Life:    s.lifeOf,
		Keeps:   s.keeps,
		Dropped: true,
		Steps:   80,
		Backlog: 50,
		Pace:    time.Second,
		Slowest: time.Second,
		Healing: time.Minute,
	}
}

// loseSome loses all, or what came since it was called before.
func (s *service) loseSome(r *rand.Rand) (what string, lost bool) {
	if r.IntN(2) == 0 {
		now := s.save()
		s.copied = &now
		return "copy the log", false
	}
	to := saved{}
	if s.copied != nil {
		to = *s.copied
	}
	s.copied = nil
	s.stop()
	s.lose(to)
	s.start()
	return "lose what is not in the copy, if there is one", true
}

// lastKept is World.Last: the last number that the last loss left.
func (s *service) lastKept(string) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept
}

// lifeOf returns in which life the service has given a position.
func (s *service) lifeOf(_, position string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, text, _ := strings.Cut(position, "-")
	tag, _ := strconv.ParseUint(text, 36, 64)
	return s.tags[tag]
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
