package rooms

import (
	"fmt"
	"time"
)

// backlog holds the messages that wait for a member that is behind. The member's lock
// protects it.
type backlog[M any] struct {
	held    bool        // until Start is called; there is no pump before that
	overdue *time.Timer // calls notStarted while it is held; nil before JoinAfter returns
	queue[M]
	quit chan struct{} // closed when the member is out
}

func newBacklog[M any](held bool) *backlog[M] {
	b := &backlog[M]{held: held, quit: make(chan struct{})}
	b.messages = make([]sized[M], 0, 8) // a burst, in one allocation
	return b
}

var errHeldBacklog = fmt.Errorf("%w: %w", ErrBacklog, ErrNotStarted)

// add appends msg, and removes the one that it replaces. It returns ErrBacklog if that
// would pass a limit.
func (b *backlog[M]) add(msg sized[M], r *Rooms[M]) error {
	if b.replace(msg.key) {
		r.counts.replaced.Add(1)
	}
	if b.len() >= r.options.Backlog || msg.size > r.options.BacklogBytes-b.bytes {
		if b.held {
			return errHeldBacklog
		}
		return ErrBacklog
	}
	b.put(msg)
	return nil
}

// next returns the message to send next. What waits is sent in lots. In a lot nothing is
// replaced any more: if it were, and all keys changed faster than the member takes them,
// the same few would always be next, and the others never.
func (b *backlog[M]) next() M {
	if b.settled == 0 {
		b.settle()
	}
	return b.messages[0].message
}

// drop drops all messages.
func (b *backlog[M]) drop() {
	if b != nil {
		b.queue = queue[M]{}
	}
}

// postpone puts messages into the member's backlog. If there is no backlog, it first
// tries to send them: the pump may have ended since the last broadcast looked, and then
// they are next in order. If that would block, the member is behind, and gets a backlog
// and a pump. After an error the member must be removed. Call it in a turn of the room.
func (m *Member[M]) postpone(messages ...sized[M]) (behind bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, msg := range messages {
		if m.backlog == nil {
			select {
			case m.sender <- msg.message:
				continue
			default:
			}
			m.backlog = newBacklog[M](false)
			m.startPump()
		}
		if err := m.backlog.add(msg, m.room.rooms); err != nil {
			return true, err
		}
	}
	return m.backlog != nil, nil
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

// drain sends until the backlog is empty.
func (m *Member[M]) drain(quit <-chan struct{}) (err error) {
	defer func() {
		if closed := asClosed(recover()); closed != nil {
			err = closed
		}
	}()
	for sent := false; ; {
		msg, ok := m.advance(sent)
		if !ok {
			return nil
		}
		if sent, err = m.offer(msg, quit); !sent {
			return err
		}
	}
}

// offer waits until msg is taken, the grace time is over, or the member is out. The
// last is not an error.
func (m *Member[M]) offer(msg M, quit <-chan struct{}) (bool, error) {
	select {
	case m.sender <- msg:
		return true, nil
	default: // needs a timer
	}
	grace := time.NewTimer(m.room.rooms.options.Grace)
	defer grace.Stop()
	select {
	case m.sender <- msg:
		return true, nil
	case <-quit:
		return false, nil
	case <-grace.C:
		return false, ErrStalled
	}
}

// advance removes the first message if it was sent, and returns the next. A message stays
// in the backlog until it is sent, so that the limit counts it. If there is no next one,
// the member has caught up, and broadcasts send to it directly again. All of this happens
// under one lock, so that no message is postponed in between.
func (m *Member[M]) advance(sent bool) (msg M, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.backlog == nil {
		return msg, false
	}
	if sent && m.backlog.len() > 0 {
		m.backlog.shift()
	}
	if m.backlog.len() == 0 {
		m.backlog = nil
		return msg, false
	}
	return m.backlog.next(), true
}
