package rooms

import (
	"context"
	"fmt"
	"time"
)

// Missed holds the messages that a member missed when it joins after a position.
type Missed[M any] struct {
	// Messages are in order, the oldest first.
	Messages []Said[M]
	// Complete means that Messages holds all messages since the position. It is false if
	// the position is empty, belongs to another room, or is older than what the log has
	// kept; if the log was lost and created again, or entries were deleted; if a message
	// could not be decoded; and if more was missed than [Options].Backlog and
	// BacklogBytes allow. Then Messages holds the newest ones. With [Options].Latest,
	// Messages has the newest of each key, and what that replaces does not count.
	Complete bool
	// Position is where the member has joined: all that it gets from now on comes after
	// it. A client that has the messages can use it for its next JoinAfter, even if there
	// were no messages.
	Position string
}

// Said is a message and its position.
type Said[M any] struct {
	Value    M
	Position string
}

// JoinAfter is [Rooms.Join] for a client that reconnects to a room on a log. It also
// returns the messages after a position, the last one that the client has seen. Any
// string is allowed as position, so it may come straight from the client. A client that
// has seen nothing has the empty position.
//
// Nothing is sent to the member before [LogMember.Start]. So a handler first sends what
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
// No message is lost in between, and none comes twice. Messages that are said before
// Start wait in the member's backlog and count against its limits. Grace begins with
// Start. If Start is not called for that time, OnError gets [ErrNotStarted].
//
// JoinAfter waits for the log for at most five seconds, however many join, or six if the
// log does not look at its context. The error is one of Join's or the log's; or it says
// that, during the call, the log was lost and created again, or the member was removed.
func (r *LogRooms[M]) JoinAfter(
	name, position string, sender chan<- M, disconnect chan<- int, attached any,
) (*LogMember[M], Missed[M], error) {
	ctx, cancel := context.WithTimeout(context.Background(), logWait)
	defer cancel()
	m := &Member[M]{sender: sender, disconnect: disconnect, attached: attached}
	m.backlog = newBacklog[M](true)
	if err := r.join(name, m); err != nil {
		return nil, Missed[M]{}, err
	}
	c := &catchUp[M]{onLog: r.log, member: m}
	missed, err := c.missed(ctx, position)
	if err != nil {
		m.exit()
		r.adjust(m.room) // without waiting, as the time may be over
		return nil, Missed[M]{}, err
	}
	m.await()
	return &LogMember[M]{m, r.log}, missed, nil
}

// await starts the timer that reports a member for which Start is not called.
func (m *Member[M]) await() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.backlog != nil { // it was not removed meanwhile
		m.backlog.overdue = time.AfterFunc(m.room.rooms.options.Grace, m.notStarted)
	}
}

func (m *Member[M]) notStarted() {
	if m.held() {
		m.room.rooms.options.OnError(m.room.name, wrap("start a member of", m.room.name,
			fmt.Errorf("%w for %v", ErrNotStarted, m.room.rooms.options.Grace)))
	}
}

// Start begins sending to the member: first what was said since it joined, then new
// messages. It does not block. A second call does nothing.
func (m *LogMember[M]) Start() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.backlog == nil || !m.backlog.held {
		return
	}
	m.backlog.held = false
	m.backlog.overdue.Stop()
	if m.backlog.len() == 0 {
		m.backlog = nil
		return
	}
	m.startPump()
}

// held reports whether the member waits for Start. Such a member counts as behind.
func (m *Member[M]) held() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.backlog != nil && m.backlog.held
}

// catchUp collects what a member has missed. If that exceeds the limits of a backlog, it
// keeps the newest.
type catchUp[M any] struct {
	*onLog[M]
	member   *Member[M]
	entries  queue[Entry]
	complete bool
}

// missed decodes the messages after a position, up to where the member has joined.
func (c *catchUp[M]) missed(
	ctx context.Context, position string,
) (missed Missed[M], err error) {
	after, known := parsePlace(position)
	c.complete = known
	until := c.member.joinedAt()
	err = c.read(ctx, after, until)
	if err == nil && c.complete && after.Seq > until.Seq {
		// On another machine the client has seen messages that have not arrived here yet,
		// so nothing was collected.
		if until, err = c.member.joinLater(ctx, after); err == nil {
			err = c.read(ctx, after, until)
		}
	}
	if err == nil && c.member.isOut() {
		err = errRemoved
	}
	if err = wrap("read", c.member.room.name, err); err != nil {
		c.fail(c.member.room.name, err)
		return missed, err
	}
	entries := c.entries.all()
	missed.Messages = make([]Said[M], 0, len(entries))
	for _, said := range entries {
		at := said.message.Place
		msg, _, ok := c.openEntry(c.member.room.name, said.message)
		c.complete = c.complete && ok
		if ok {
			missed.Messages = append(missed.Messages, Said[M]{msg.message, at.String()})
		}
	}
	missed.Complete, missed.Position = c.complete, until.String()
	return missed, nil
}

// read collects the entries after one place, up to until, where the room is. If the
// client is ahead of the room, there is nothing to collect. Otherwise the last entry
// should be the one at until. If it is an earlier one, the entry at until was deleted. If
// it has the same number and another tag, the log was lost and created again in between.
func (c *catchUp[M]) read(ctx context.Context, after, until Place) error {
	last := after
	for more := after != until; more; {
		page, err := c.readPage(ctx, c.member.room.name, last)
		if err != nil {
			return err
		}
		if !page.Whole {
			c.entries, c.complete = queue[Entry]{}, false // a gap: drop what came before
			last = until                                  // this entry may be gone too
		}
		more = page.More && len(page.Entries) > 0
		for _, e := range page.Entries {
			if e.Seq > until.Seq {
				more = false
				break
			}
			last = e.Place
			c.add(e)
		}
	}
	switch {
	case last == until, last == after && after.Seq > until.Seq:
	case last.Seq < until.Seq:
		c.complete = false
	default:
		return errOtherLog
	}
	return nil
}

func (c *catchUp[M]) add(e Entry) {
	if e.Data == nil {
		return
	}
	said := sized[Entry]{message: e, size: len(e.Data), key: c.keyOf(e)}
	if c.entries.keep(said, c.options.Backlog, c.options.BacklogBytes) {
		c.complete = false
	}
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

// joinLater waits until the room has reached a place, and moves the member there, so that
// it gets nothing from before.
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

// rejoin moves the member to where the room is, if the room has reached the place, and
// empties its backlog. It returns false if the room has not.
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
