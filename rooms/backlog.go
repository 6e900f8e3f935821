package rooms

import (
	"fmt"
	"time"
)

// backlog holds the messages that wait for a member that is behind. The member's lock
// protects it.
type backlog[M any] struct {
	held     bool        // until Start is called; there is no pump before that
	overdue  *time.Timer // calls notStarted while it is held; nil before JoinAfter returns
	messages []sized[M]
	bytes    int
	quit     chan struct{} // closed when the member is out
}

func newBacklog[M any](held bool) *backlog[M] {
	return &backlog[M]{held: held, quit: make(chan struct{})}
}

var errHeldBacklog = fmt.Errorf("%w: %w", ErrBacklog, ErrNotStarted)

// add appends msg. It returns ErrBacklog if that would pass a limit.
func (b *backlog[M]) add(msg sized[M], o *config[M]) error {
	if len(b.messages) >= o.Backlog || msg.size > o.BacklogBytes-b.bytes {
		if b.held {
			return errHeldBacklog
		}
		return ErrBacklog
	}
	b.messages = append(b.messages, msg)
	b.bytes += msg.size
	return nil
}

// shift removes the first message, if there is one.
func (b *backlog[M]) shift() {
	if b == nil || len(b.messages) == 0 {
		return
	}
	b.bytes -= b.messages[0].size
	b.messages[0] = sized[M]{} // the array lives on, so free the message
	b.messages = b.messages[1:]
}

// drop drops all messages.
func (b *backlog[M]) drop() {
	if b != nil {
		b.messages, b.bytes = nil, 0
	}
}

// postpone puts msg into the member's backlog. If there is no backlog, it first tries to
// send msg: the pump may have ended since the last broadcast looked, and then msg is next
// in order. If that would block, the member is behind, and gets a backlog and a pump. An
// error means that the member must be removed. Call it in a turn of the room.
func (m *Member[M]) postpone(msg sized[M]) (behind bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.backlog != nil {
		return true, m.backlog.add(msg, &m.room.rooms.options)
	}
	select {
	case m.sender <- msg.message:
		return false, nil
	default:
	}
	b := newBacklog[M](false)
	if err := b.add(msg, &m.room.rooms.options); err != nil {
		return true, err
	}
	m.backlog = b
	m.startPump()
	return true, nil
}

// startPump starts the pump, the goroutine that sends the backlog. It ends when the
// backlog is empty, or the member is out; Leave waits for it.
func (m *Member[M]) startPump() {
	m.pumps.Add(1)
	m.room.rooms.counts.behind.Add(1)
	go m.pump(m.backlog.quit)
}

func (m *Member[M]) pump(quit <-chan struct{}) {
	defer m.pumps.Done()
	defer m.room.rooms.counts.behind.Add(-1)
	if err := m.drain(quit); err != nil {
		m.room.beginTurn()
		m.room.remove(m, err)
		m.room.endTurn()
	}
}

// drain sends until the backlog is empty. A message stays in the backlog until it is
// sent, so the limit counts it.
func (m *Member[M]) drain(quit <-chan struct{}) (err error) {
	defer func() {
		if closed := asClosed(recover()); closed != nil {
			err = closed
		}
	}()
	grace := time.NewTimer(m.room.rooms.options.Grace)
	defer grace.Stop()
	for {
		msg, ok := m.first()
		if !ok {
			return nil
		}
		sent, err := m.offer(msg, grace, quit)
		if !sent {
			return err
		}
		m.shift()
		grace.Reset(m.room.rooms.options.Grace)
	}
}

// offer waits until msg is taken, the grace time is over, or the member is out. The
// last is not an error.
func (m *Member[M]) offer(msg M, grace *time.Timer, quit <-chan struct{}) (bool, error) {
	select {
	case m.sender <- msg:
		return true, nil
	case <-quit:
		return false, nil
	case <-grace.C:
		return false, ErrStalled
	}
}

// first returns the message to send next. If there is none, the member has caught up, and
// broadcasts send to it directly again. Both are decided under one lock, so that no
// message can be postponed in between.
func (m *Member[M]) first() (msg M, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.backlog == nil || len(m.backlog.messages) == 0 {
		m.backlog = nil
		return msg, false
	}
	return m.backlog.messages[0].message, true
}

// shift removes the message that was sent from the backlog. If the member is out, it has
// none any more.
func (m *Member[M]) shift() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.backlog.shift()
}
