package rooms

import (
	"time"
)

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
