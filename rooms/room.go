package rooms

import (
	"sync"

	"github.com/beatrichartz/martini-sockets/rooms/internal/table"
)

// room is one room: its members, and its link to the broker or the log.
//
// Lock order: link.mu, room.turn, roster.mu, Member.mu. Rooms.mu may be taken under any
// of them, and none under it. No code of the program, and nothing else that can block,
// runs under any of them.
type room[M any] struct {
	rooms *Rooms[M]
	name  string
	link  link[M] // to the broker or the log
	roster[M]

	// turn runs one broadcast at a time, so that all members of this process get the same
	// order. It protects the fields below. An RWMutex was no faster, because the channels
	// have locks of their own.
	turn     sync.Mutex
	seats    []seat[M]
	removed  []removal[M] // in this turn
	retained queue[M]     // empty without Retain
	feed     *feed[M]     // nil without a log
	at       Place        // of the last log entry that was sent to the members
}

// seat holds what a broadcast needs to know of a member. Seats lie side by side in
// memory: following a pointer to each member made a broadcast to a thousand a tenth
// slower.
type seat[M any] struct {
	sender chan<- M
	member *Member[M]
	behind bool // as the last broadcast saw it; only a broadcast changes it
}

// send gives msg to all members but one.
func (r *room[M]) send(msg sized[M], except *Member[M]) {
	r.beginTurn()
	defer r.endTurn()
	r.sendAll(msg, except)
}

func (r *room[M]) sendAll(msg sized[M], except *Member[M]) {
	if msg.key != "" && r.rooms.options.Retain {
		r.retain(msg)
	}
	for i := 0; i < len(r.seats); {
		i = r.sendFrom(i, msg, except)
	}
}

// retain keeps msg, unless it is too large: all others would have to go, and it too.
func (r *room[M]) retain(msg sized[M]) {
	o := &r.rooms.options
	if msg.size > o.BacklogBytes/2 {
		r.retained.replace(msg.key)
		return
	}
	r.retained.keep(msg, o.Backlog/2, o.BacklogBytes/2)
}

// sendFrom gives msg to the members from seat i on, and returns the seat to go on with.
// It stops early at a member that has closed its sender: one recover for the whole loop
// keeps the loop as cheap as plain sends. No send in it blocks.
func (r *room[M]) sendFrom(i int, msg sized[M], except *Member[M]) (next int) {
	next = i
	defer func() {
		if err := asClosed(recover()); err != nil {
			r.remove(r.seats[next].member, err)
		}
	}()
	for ; next < len(r.seats); next++ {
		s := &r.seats[next]
		if s.member == except {
			continue
		}
		if !s.behind {
			select {
			case s.sender <- msg.message:
				continue
			default:
			}
		}
		var err error
		if s.behind, err = s.member.postpone(msg); err != nil {
			r.remove(s.member, err)
			next-- // another member has this seat now
		}
	}
	return next
}

// beginTurn waits for the broadcast in progress, and then seats the members that have
// joined since the last turn.
func (r *room[M]) beginTurn() {
	r.turn.Lock()
	for _, m := range r.newcomers() {
		m.index, m.from = len(r.seats), r.at
		r.seats = append(r.seats, seat[M]{sender: m.sender, member: m, behind: m.held()})
		r.welcome(m)
	}
}

// dropRetained is for a room that has not heard, or may not have heard, what is newest.
func (r *room[M]) dropRetained() {
	r.beginTurn()
	defer r.endTurn()
	r.retained = queue[M]{}
}

// welcome sends the retained messages to a member that has just got a seat. A member that
// waits for Start gets them from the log.
func (r *room[M]) welcome(m *Member[M]) {
	s := &r.seats[m.index]
	if s.behind {
		return
	}
	defer func() {
		if err := asClosed(recover()); err != nil {
			r.remove(m, err)
		}
	}()
	// There is no error: a room keeps at most half of what fits into a backlog.
	s.behind, _ = m.postpone(r.retained.all()...)
}

// endTurn ends the turn and reports the members that were removed in it. Another
// goroutine does that, because reporting 20,000 removals would hold up the broadcast.
func (r *room[M]) endTurn() {
	removed := r.removed
	r.removed = nil
	r.turn.Unlock()
	if len(removed) > 0 {
		go r.tell(removed)
	}
}

// remove takes m out of the room, unless it is out already. The reason is nil if m left
// by itself. Call it in a turn.
func (r *room[M]) remove(m *Member[M], reason error) {
	if !m.retire() {
		return
	}
	r.freeSeat(m.index)
	r.drop(m)
	r.rooms.counts.members.Add(-1)
	if reason != nil {
		r.rooms.counts.removed.Add(1)
		r.removed = append(r.removed, removal[M]{m, reason})
	}
}

// freeSeat gives seat i to the member in the last seat. When few seats are left, it frees
// most of the memory.
func (r *room[M]) freeSeat(i int) {
	last := len(r.seats) - 1
	r.seats[i] = r.seats[last]
	r.seats[i].member.index = i
	r.seats[last] = seat[M]{}
	r.seats = r.seats[:last]
	if c := cap(r.seats); c > table.Small && last < c/4 {
		r.seats = append(make([]seat[M], 0, c/2), r.seats...)
	}
}
