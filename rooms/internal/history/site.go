package history

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// The bounds of the rooms in a history: slow guests pass them, healthy ones never do.
const (
	broadcastBacklog = 50
	broadcastGrace   = 5 // paces
	siteTalkers      = 2
)

// site is a process's worth of rooms, with its speakers.
type site struct {
	h        *broadcasts
	id       int
	end      func() // kills the process
	rooms    *rooms.Rooms[string]
	speakers []*talker     // those that talk, and the crier
	crier    *talker       // speaks in flurries only
	quit     chan struct{} // closed to silence the speakers
	talking  sync.WaitGroup
	killed   bool
	killedAt int64

	mu     sync.Mutex // protects the fields below
	told   []telling
	outage telling  // the last that the broker told its process of, if any
	crowd  []*guest // who has joined and not begun to leave
}

// telling is a call of OnError.
type telling struct {
	at   int64
	room string
	err  error
}

func newSite(h *broadcasts, id int) *site {
	s := &site{h: h, id: id, quit: make(chan struct{})}
	broker, end := h.network.Connect(h.t, s.onOutage)
	o := &rooms.Options[string]{
		Broker:  broker,
		Backlog: broadcastBacklog,
		Grace:   broadcastGrace * h.network.Pace,
		// The large texts test the broker.
		MaxMessageSize: -1,
		OnError:        s.onError,
		OnRemove: func(_ string, attached any, reason error) {
			attached.(*guest).onRemove(reason)
		},
	}
	if h.keyed {
		o.Latest, o.Retain = h.ofText, h.retain
	}
	s.rooms, s.end = rooms.New(o), end
	for i := range siteTalkers {
		s.speakers = append(s.speakers, newTalker(s, i))
		s.talking.Go(s.speakers[i].talk)
	}
	s.crier = newTalker(s, siteTalkers)
	s.speakers = append(s.speakers, s.crier)
	return s
}

func (s *site) onError(room string, err error) {
	at := s.h.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, telling{at: at, room: room, err: err})
}

func (s *site) onOutage(err error) {
	at := s.h.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outage = telling{at: at, err: err}
}

// toldOf reports whether the site was told of a loss in the room, at that time or later. If
// the broker has to tell each loss, what the numbers of rooms have shown does not count.
func (s *site) toldOf(room string, since int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.told {
		byNumbers := errors.Is(t.err, rooms.ErrMissed)
		if t.room == room && t.at >= since && !(byNumbers && s.h.network.tellsAll()) {
			return true
		}
	}
	return false
}

// toldError reports whether the site was told just this error.
func (s *site) toldError(err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.told, func(t telling) bool { return t.err == err })
}

// toldOutage reports whether the broker told its process of an outage, at that time or
// later.
func (s *site) toldOutage(since int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.outage.at >= since
}

// errors returns what the site was told.
func (s *site) errors() (all []error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.told {
		all = append(all, t.err)
	}
	if s.outage.err != nil {
		all = append(all, s.outage.err)
	}
	return all
}

// deafSince returns when the last try to subscribe to the room failed, until then: what
// is said after that is missed, and not told once more.
func (s *site) deafSince(room string, until int64) (at int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.told {
		if t.room == room && t.at < until && strings.Contains(t.err.Error(), "subscribe to") {
			at = t.at
		}
	}
	return at
}

// kill ends the process while it speaks. Then its memory is given back.
func (s *site) kill() {
	s.killed, s.killedAt = true, s.h.now()
	s.end()
	s.silence()
	for _, g := range s.h.guests {
		if g.site == s && !g.left() {
			g.leave(0)
		}
	}
}

func (s *site) silence() {
	close(s.quit)
	s.talking.Wait()
}

// visit makes g one of those whom a speaker may leave out.
func (s *site) visit(g *guest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.crowd = append(s.crowd, g)
}

// goes ends what visit began.
func (s *site) goes(g *guest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.crowd = slices.DeleteFunc(s.crowd, func(other *guest) bool { return other == g })
}

// sleep pauses for a while, and reports whether to go on.
func (s *site) sleep(d time.Duration) bool {
	select {
	case <-s.quit:
		return false
	case <-time.After(d):
		return true
	}
}
