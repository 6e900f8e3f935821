package rooms

import (
	"sync"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/table"
)

// peers holds the numbers that a room has heard of, so that it knows what it misses.
type peers struct {
	mu   sync.Mutex // protects last
	last map[origin]heard
}

// heard is the highest number of a process, and when the last message came. Messages below
// first had not come when the room learned of the process, or of a number to begin after.
type heard struct {
	first, number uint64
	at            time.Time
}

// A process that has gone is forgotten: when others come, and it was silent for so long, or
// there are too many.
const (
	maxPeers = 256
	peerRest = time.Hour
)

// hear notes an envelope. It returns how many messages are missing, and whether this one is
// late, and must not be given to the members: it comes a second time, or after a later one.
func (p *peers) hear(e envelope) (missing uint64, late bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	due := uint64(0) // what a message has to be at least
	if e.format == messageFormat {
		due = 1
	}
	known, ok := p.last[e.from]
	if !ok {
		p.makeRoom(now)
		p.last[e.from] = heard{e.number + 1 - due, e.number, now}
		return 0, false
	}
	if e.start > known.number { // of what is between, nobody has told
		known.first = e.start + 1
	}
	p.last[e.from] = heard{known.first, max(known.number, e.number), now}
	due += max(known.number, e.start) // of it and before, nothing is missing
	if e.number >= due {
		return e.number - due, false
	}
	if e.format == messageFormat && e.number < known.first { // nobody has told of it
		return 1, true
	}
	return 0, true
}

// makeRoom makes room for another process.
func (p *peers) makeRoom(now time.Time) {
	if p.last == nil {
		p.last = make(map[origin]heard)
	}
	oldest, at := origin{}, now
	for from, h := range p.last {
		if now.Sub(h.at) > peerRest {
			delete(p.last, from)
		} else if !h.at.After(at) {
			oldest, at = from, h.at
		}
	}
	if len(p.last) >= maxPeers {
		delete(p.last, oldest)
	}
}

// tallies numbers what a Rooms publishes. It has a tally for each room that is open, or
// whose last number has still to be said, or to which it has published lately.
type tallies struct {
	from origin
	say  func(room string, t *tally) error // publishes the number of the last message

	mu    sync.Mutex // protects the fields below, and all of a tally
	last  uint64     // at least any number that was given
	rooms table.Table[string, *tally]
}

// tally is what this process has published to a room.
type tally struct {
	start, number uint64
	open          bool // the room is subscribed

	timer *time.Timer   // made by the first message
	runs  bool          // the timer runs, or the number is being said
	pause time.Duration // of the timer
	seen  uint64        // the number when the timer was started
	lost  bool          // messages may have been lost, perhaps the number that is being said
}

// The timer waits for a room to be silent for quiet. If then the number cannot be said, the
// pauses grow up to lastQuiet.
const (
	quiet     = 2 * time.Second
	lastQuiet = 5 * time.Minute
)

// A room without members, whose number was said, is remembered for some time, unless there
// are many: what was lost may be told by the next message alone.
const (
	tallyRest  = time.Hour
	maxTallies = 1024
)

// next numbers a message. Call it in the order of publishing.
func (s *tallies) next(room string) envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tally(room)
	t.number++
	s.last++
	s.watch(room, t)
	return envelope{messageFormat, s.from, t.start, t.number}
}

// count is what says the number of the last message.
func (s *tallies) count(t *tally) envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	return envelope{countFormat, s.from, t.start, t.number}
}

// tally returns the tally of a room. A new one begins after all numbers that an earlier one
// may have given. The caller holds mu.
func (s *tallies) tally(room string) *tally {
	t, ok := s.rooms.Get(room)
	if !ok {
		t = &tally{start: s.last, number: s.last}
		s.rooms.Set(room, t)
	}
	return t
}

// setOpen tells whether the room is subscribed: as long as it is, its numbers go on.
func (s *tallies) setOpen(room string, open bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tally(room)
	t.open = open
	s.tidy(room, t)
}

// lost says the number once more, since messages may have been lost.
func (s *tallies) lost(room string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok := s.rooms.Get(room); ok && t.number > t.start {
		t.lost = true
		s.watch(room, t)
	}
}

// watch makes the number be said when the room has been silent for quiet. The caller holds
// mu.
func (s *tallies) watch(room string, t *tally) {
	if !t.runs || t.pause > quiet {
		s.wait(room, t, quiet)
	}
}

// wait starts the timer. The caller holds mu.
func (s *tallies) wait(room string, t *tally, pause time.Duration) {
	t.runs, t.pause, t.seen = true, pause, t.number
	if t.timer == nil {
		t.timer = time.AfterFunc(pause, func() { s.due(room, t) })
		return
	}
	t.timer.Reset(pause)
}

// due says the number, if the room was silent and that is not done.
func (s *tallies) due(room string, t *tally) {
	var err error
	before := s.look(t)
	silent, said := before.number == before.seen, before.pause == tallyRest
	if silent && !said {
		err = s.say(room, t)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !silent || t.number != before.number || t.lost:
		s.wait(room, t, quiet)
	case err != nil && before.pause < lastQuiet:
		s.wait(room, t, 2*before.pause)
	default:
		t.runs = false
		s.tidy(room, t)
	}
}

// look returns the tally before its number is said: if that is lost, it is said again.
func (s *tallies) look(t *tally) (before tally) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.lost = false
	return *t
}

// tidy forgets a tally that is not needed any more, or has it rest before. The caller holds
// mu.
func (s *tallies) tidy(room string, t *tally) {
	switch {
	case t.open || t.runs:
	case t.number > t.start && t.pause != tallyRest && s.rooms.Len() <= maxTallies:
		s.wait(room, t, tallyRest)
	default:
		s.rooms.Delete(room)
	}
}
