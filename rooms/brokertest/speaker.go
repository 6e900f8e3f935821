package brokertest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// slowest is how long a broadcast or a join may take. Contract 10.5 wants a second; the
// rest is for busy machines.
const slowest = 10 * time.Second

// speaker is a publisher: it numbers what it says, for each room from 0 on.
type speaker struct {
	site *site
	id   int
	rand *rand.Rand

	mu   sync.Mutex // protects said
	said map[string][]*utterance
}

// utterance is a broadcast. The times are of the history's clock; end is 0 meanwhile.
type utterance struct {
	begin, end int64
	except     *guest
	err        error
}

func newSpeaker(s *site, id int) *speaker {
	return &speaker{
		site: s,
		id:   id,
		rand: rand.New(rand.NewPCG(s.h.rand.Uint64(), 2)),
		said: make(map[string][]*utterance),
	}
}

// talk broadcasts until the site is silenced.
func (s *speaker) talk() {
	for s.site.sleep(draw(s.rand, s.site.h.network.Pace/2)) {
		for range 1 + s.rand.IntN(4) {
			s.say(pick(s.rand, historyRooms))
		}
	}
}

func (s *speaker) say(room string) {
	u := &utterance{}
	var except *rooms.Member[string]
	if u.except = s.leaveOut(room); u.except != nil {
		except = u.except.member
	}
	n := s.begin(room, u)
	start := time.Now()
	err := s.site.rooms.BroadcastExcept(room, s.text(room, n), except)
	if took := time.Since(start); took > slowest {
		s.site.h.t.Errorf("process %d: a broadcast took %v, want a second at most", s.site.id, took)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u.end, u.err = s.site.h.now(), err
}

func (s *speaker) begin(room string, u *utterance) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u.begin = s.site.h.now()
	s.said[room] = append(s.said[room], u)
	return len(s.said[room]) - 1
}

// leaveOut returns a guest now and then.
func (s *speaker) leaveOut(room string) *guest {
	s.site.mu.Lock()
	defer s.site.mu.Unlock()
	if len(s.site.crowd) > 0 && s.rand.IntN(4) == 0 {
		if g := pick(s.rand, s.site.crowd); g.room == room {
			return g
		}
	}
	return nil
}

func (s *speaker) text(room string, n int) string {
	return fmt.Sprintf("%d %d %d %q", s.site.id, s.id, n, room)
}

// all returns what was said in the room, as of now.
func (s *speaker) all(room string) (all []utterance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range slices.Clone(s.said[room]) {
		all = append(all, *u)
	}
	return all
}
