package rooms

import (
	"context"
	"fmt"
	"time"
)

// Missed is what a member has missed when it joins after a position.
type Missed[M any] struct {
	// Messages are oldest first.
	Messages []Said[M]
	// Complete says that these are all that were said since. It is false when the
	// position is empty, not one of this room, or older than what the log has kept, when
	// the log was made anew, and when more was missed than [Options].Backlog and
	// BacklogBytes let a member hold back; then the messages are the newest ones.
	Complete bool
	// Position is where the member has joined: what it gets from now on comes after that.
	// A client that has got the messages can come back to it, also if there are none.
	Position string
}

// Said is a message and its position.
type Said[M any] struct {
	Value    M
	Position string
}

// JoinAfter is [Rooms.Join] for a client that comes back, in a room on a log: it also
// returns what was said after a position, the last that the client has seen. Any string
// is a position, so it may come from the client; the empty one is that of a client that
// has seen nothing.
//
// The member gets nothing on its sender before [Member.Start]. So a handler sends what
// was missed, and then calls Start:
//
//	me, missed, err := chat.JoinAfter(room, position, sender, disconnect, name)
//	if err != nil {
//		return
//	}
//	defer me.Leave()
//	for _, said := range missed.Messages {
//		sender <- said.Value
//	}
//	me.Start()
//
// Nothing is missed between the two, and nothing comes twice. What is said before Start
// waits in the member's backlog, with its bounds; Grace begins with Start.
//
// JoinAfter waits for the log, for five seconds at most. The error is one of Join, the
// log's, [ErrNoLog], or says that the log was made anew, or the member removed,
// meanwhile.
func (r *Rooms[M]) JoinAfter(
	name, position string, sender chan<- M, disconnect chan<- int, attached any,
) (*Member[M], Missed[M], error) {
	if r.options.Log == nil {
		return nil, Missed[M]{}, ErrNoLog
	}
	m := &Member[M]{sender: sender, disconnect: disconnect, attached: attached}
	m.backlog = newBacklog[M](true)
	if err := r.join(name, m); err != nil {
		return nil, Missed[M]{}, err
	}
	missed, err := r.missed(m, position)
	if err != nil {
		m.Leave()
		return nil, Missed[M]{}, err
	}
	return m, missed, nil
}

// Start lets a member that has joined by [Rooms.JoinAfter] have what was said since, and
// what will be. It does not block. For any other member, or called again, it does
// nothing.
func (m *Member[M]) Start() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.backlog == nil || !m.backlog.held {
		return
	}
	m.backlog.held = false
	if len(m.backlog.messages) == 0 {
		m.backlog = nil
		return
	}
	m.startPump()
}

// held reports whether the member waits for Start: then it is behind.
func (m *Member[M]) held() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.backlog != nil && m.backlog.held
}

// missed reads what was said after a position, up to where the member has joined.
func (r *Rooms[M]) missed(m *Member[M], position string) (missed Missed[M], err error) {
	c, until, err := r.catchUp(m, position)
	if err != nil {
		err = wrap("read", m.room.name, err)
		r.fail(m.room.name, err)
		return missed, err
	}
	missed.Complete, missed.Position = c.complete, until.String()
	for _, e := range c.entries {
		if msg, _, ok := r.openEntry(m.room.name, e); ok {
			missed.Messages = append(missed.Messages, Said[M]{msg, e.Place.String()})
		}
	}
	return missed, nil
}

func (r *Rooms[M]) catchUp(m *Member[M], position string) (c catchUp, until Place, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), logWait)
	defer cancel()
	after, known := parsePlace(position)
	c = catchUp{max: r.options.Backlog, maxBytes: r.options.BacklogBytes, complete: known}
	until = m.joinedAt()
	err = c.read(ctx, r.options.Log, m.room.name, after, until)
	if err == nil && c.complete && after.Seq > until.Seq {
		// The client has seen more, on another machine, than has reached this one: there
		// was nothing to collect.
		if until, err = m.joinLater(ctx, after); err == nil {
			err = c.read(ctx, r.options.Log, m.room.name, after, until)
		}
	}
	if err == nil && m.isOut() {
		err = errRemoved
	}
	return c, until, err
}

// joinedAt returns the place after which the member gets everything.
func (m *Member[M]) joinedAt() Place {
	m.room.beginTurn()
	defer m.room.endTurn()
	return m.from
}

func (m *Member[M]) isOut() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.out
}

// joinLater waits until the room has come to a place, and lets the member join there:
// what came before is not for it.
func (m *Member[M]) joinLater(ctx context.Context, place Place) (Place, error) {
	m.room.lookAgain()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !m.rejoin(place) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return Place{}, fmt.Errorf("%v was not heard of yet: %w", place, ctx.Err())
		}
	}
	return m.joinedAt(), nil
}

// rejoin drops what the member has got, if the room has come to a place.
func (m *Member[M]) rejoin(place Place) bool {
	m.room.beginTurn()
	defer m.room.endTurn()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.room.at.Seq < place.Seq && !m.out {
		return false
	}
	m.from = m.room.at
	m.backlog.drop()
	return true
}
