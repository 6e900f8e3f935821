package history

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// A large message is padded with what no room's name ends with.
const (
	padding   = "!"
	largeText = 1 << 17
)

// speaker is a publisher: it numbers what it says, for each room from 0 on.
type talker struct {
	site *site
	id   int
	rand *rand.Rand

	mu   sync.Mutex // protects said, until the site is silenced
	said map[string][]utterance
}

// utterance is a broadcast. Begin and end are times of the history's clock.
type utterance struct {
	begin, end int64
	start      time.Time
	except     *guest
	err        error
}

func newTalker(s *site, id int) *talker {
	return &talker{
		site: s,
		id:   id,
		rand: s.h.newRand(),
		said: make(map[string][]utterance),
	}
}

// talk broadcasts until the site is silenced.
func (s *talker) talk() {
	for s.site.sleep(draw(s.rand, s.site.h.network.Pace)) {
		for range 1 + s.rand.IntN(4) {
			s.say(pick(s.rand, broadcastRooms))
		}
	}
}

func (s *talker) say(room string) {
	left := s.leaveOut(room)
	var except *rooms.Member[string]
	if left != nil {
		except = left.member
	}
	start := time.Now()
	n := s.begin(room, utterance{except: left, start: start})
	err := s.site.rooms.BroadcastExcept(room, s.text(room, n), except)
	if took := time.Since(start); took > s.site.h.network.Slowest {
		s.site.h.t.Errorf("process %d: a broadcast took %v", s.site.id, took)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u := &s.said[room][n]
	u.end, u.err = s.site.h.now(), err
}

func (s *talker) begin(room string, u utterance) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u.begin = s.site.h.now()
	s.said[room] = append(s.said[room], u)
	return len(s.said[room]) - 1
}

// leaveOut returns a guest now and then.
func (s *talker) leaveOut(room string) *guest {
	s.site.mu.Lock()
	defer s.site.mu.Unlock()
	if len(s.site.crowd) > 0 && s.rand.IntN(4) == 0 {
		if g := pick(s.rand, s.site.crowd); g.room == room {
			return g
		}
	}
	return nil
}

// text is large once: a publisher has a tenth message for most rooms.
func (s *talker) text(room string, n int) string {
	text := fmt.Sprintf("%d %d %d %s", s.site.id, s.id, n, room)
	if n == 9 {
		text += strings.Repeat(padding, largeText)
	}
	return text
}

// began returns when the speaker began to say the nth message, 0 if it never did.
func (s *talker) began(room string, n int) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n >= len(s.said[room]) {
		return 0
	}
	return s.said[room][n].begin
}
