package rooms

import "sync"

// room is the members of one name.
//
// Locks are taken in this order: link, Rooms.mu, room.mu, Member.mu. Nothing that can block, and no code of the user,
// runs under the last three.
type room[M any] struct {
	rooms *Rooms[M]
	name  string
	link  link // to the broker

	// mu protects what follows, and makes one broadcast follow the other: it is what gives all members of this process the
	// same order. A lock for readers was no faster, since the channels have locks of their own.
	mu      sync.Mutex
	seats   []seat[M]
	senders map[chan<- M]struct{} // of the members, to refuse one that joins twice
	dead    bool                  // forgotten by Rooms; nobody may join any more
}

// seat is what a broadcast needs to know of a member, side by side with the others: looking into each member cost a
// tenth of a broadcast to a thousand.
type seat[M any] struct {
	sender chan<- M
	member *Member[M]
	behind bool // so it was when a broadcast last looked; only a broadcast changes it
}

// add makes m a member, and says no if the room has died since it was found.
func (r *room[M]) add(m *Member[M]) (joined bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dead {
		return false, nil
	}
	if _, ok := r.senders[m.sender]; ok {
		return false, ErrJoined
	}
	m.room = r
	m.index = len(r.seats)
	r.seats = append(r.seats, seat[M]{sender: m.sender, member: m})
	r.senders[m.sender] = struct{}{}
	r.rooms.counts.members.Add(1)
	return true, nil
}

// send gives msg to all members but one. Those that it has to remove on the way are told by goroutines of their own.
func (r *room[M]) send(msg M, except *Member[M]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := 0; i < len(r.seats); {
		i = r.sendFrom(i, msg, except)
	}
}

// sendFrom gives msg to the members from i on, and returns how far it got. It stops early at a member that has closed
// its sender: recovering once for all the others keeps the loop as cheap as plain sends. No send in it blocks.
func (r *room[M]) sendFrom(i int, msg M, except *Member[M]) (next int) {
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
			case s.sender <- msg:
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

// remove takes m out, unless it is out already. A reason says that it did not leave by itself. The caller holds mu.
func (r *room[M]) remove(m *Member[M], reason error) {
	if !m.retire() {
		return
	}
	last := len(r.seats) - 1
	r.seats[m.index] = r.seats[last]
	r.seats[m.index].member.index = m.index
	r.seats[last] = seat[M]{}
	r.seats = r.seats[:last]
	delete(r.senders, m.sender)
	r.rooms.counts.members.Add(-1)
	if reason != nil {
		r.rooms.counts.removed.Add(1)
		m.dismiss(reason)
	}
}

// die marks a room without members as dead, and reports whether it was alive until then.
func (r *room[M]) die() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dead || len(r.seats) > 0 {
		return false
	}
	r.dead = true
	return true
}

func (r *room[M]) len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.seats)
}

func (r *room[M]) attached() []any {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]any, len(r.seats))
	for i, s := range r.seats {
		all[i] = s.member.attached
	}
	return all
}
