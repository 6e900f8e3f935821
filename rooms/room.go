package rooms

import "sync"

// room is the members of one name.
//
// Locks are taken in this order: link.turns, room.turn, roster.mu, Member.mu. Rooms.mu is
// taken alone: nobody waits for a room while holding it. Nothing that can block, and no
// code of the user, runs under any of them, except the broker and the log under
// link.turns.
type room[M any] struct {
	rooms *Rooms[M]
	name  string
	link  link // to the broker
	roster[M]

	// turn makes one broadcast follow the other, which gives all members of this process
	// the same order. It protects what follows. A lock for readers was no faster, since
	// the channels have locks of their own.
	turn    sync.Mutex
	seats   []seat[M]
	removed []removal[M] // in this turn
	feed    *feed[M]     // from the log, if there is one
	at      Place        // of the last entry of the log that was sent
}

// seat is what a broadcast needs to know of a member, side by side with the others:
// looking into each member cost a tenth of a broadcast to a thousand.
type seat[M any] struct {
	sender chan<- M
	member *Member[M]
	behind bool // so it was when a broadcast last looked; only a broadcast changes it
}

// send gives msg to all members but one.
func (r *room[M]) send(msg sized[M], except *Member[M]) {
	r.beginTurn()
	defer r.endTurn()
	r.sendAll(msg, except)
}

func (r *room[M]) sendAll(msg sized[M], except *Member[M]) {
	for i := 0; i < len(r.seats); {
		i = r.sendFrom(i, msg, except)
	}
}

// sendFrom gives msg to the members from i on, and returns how far it got. It stops early
// at a member that has closed its sender: recovering once for all the others keeps the
// loop as cheap as plain sends. No send in it blocks.
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
			next-- // another one has this seat now
		}
	}
	return next
}

// beginTurn waits for the broadcast that is under way, and seats the members that have
// joined since.
func (r *room[M]) beginTurn() {
	r.turn.Lock()
	for _, m := range r.newcomers() {
		m.index, m.from = len(r.seats), r.at
		r.seats = append(r.seats, seat[M]{sender: m.sender, member: m, behind: m.held()})
	}
}

// endTurn also has those told that were removed in the turn, by another goroutine: were
// 20,000 told here, that many goroutines would compete with the broadcast.
func (r *room[M]) endTurn() {
	removed := r.removed
	r.removed = nil
	r.turn.Unlock()
	if len(removed) > 0 {
		go r.tell(removed)
	}
}

// remove takes m out, unless it is out already. A reason says that it did not leave by
// itself. It is called in a turn.
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

// freeSeat gives seat i to the last member, and most of the memory back when few are
// left.
func (r *room[M]) freeSeat(i int) {
	last := len(r.seats) - 1
	r.seats[i] = r.seats[last]
	r.seats[i].member.index = i
	r.seats[last] = seat[M]{}
	r.seats = r.seats[:last]
	if c := cap(r.seats); c > smallTable && last < c/4 {
		r.seats = append(make([]seat[M], 0, c/2), r.seats...)
	}
}
