package rooms

import "time"

// sized is a message and how many bytes it counts, 0 where messages have no length. It is
// measured once for all members: that may be a method of the user, which no lock can wait
// for.
type sized[M any] struct {
	message M
	size    int
}

// postpone queues msg, and starts the pump if there is none, so that the member is
// behind. Or it sends msg: the pump may have ended since a broadcast last looked, and
// then msg is the next in order. An error says that the member has to be removed. It is
// called in a turn of the room.
func (m *Member[M]) postpone(msg sized[M]) (behind bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.behind {
		select {
		case m.sender <- msg.message:
			return false, nil
		default:
		}
	}
	if !m.queueUp(msg) {
		return true, ErrBacklog
	}
	if !m.behind {
		m.behind = true
		m.startPump()
	}
	return true, nil
}

// queueUp appends msg to the queue, within its bounds.
func (m *Member[M]) queueUp(msg sized[M]) bool {
	o := &m.room.rooms.options
	if len(m.queue) >= o.Backlog || msg.size > o.BacklogBytes-m.bytes {
		return false
	}
	m.queue = append(m.queue, msg)
	m.bytes += msg.size
	return true
}

// startPump starts the goroutine that sends what is queued. It ends when the queue is
// empty or the member is out; Leave waits for it.
func (m *Member[M]) startPump() {
	if m.quit == nil {
		m.quit = make(chan struct{})
	}
	m.pumps.Add(1)
	m.room.rooms.counts.behind.Add(1)
	go m.pump(m.quit)
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

// drain sends until the queue is empty. A message stays in the queue until it is sent:
// the bound counts it.
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

// offer waits until msg is taken, the grace time is over, or the member is out, which is
// no error.
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
// broadcasts send directly again: both are decided under one lock, so that no message can
// be queued in between.
func (m *Member[M]) first() (msg M, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.queue) == 0 {
		m.queue = nil
		m.behind = false
		return msg, false
	}
	return m.queue[0].message, true
}

// shift takes the message that was sent out of the queue, unless the queue went with the
// member.
func (m *Member[M]) shift() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.queue) == 0 {
		return
	}
	m.bytes -= m.queue[0].size
	m.queue[0] = sized[M]{} // the array lives on; the message need not
	m.queue = m.queue[1:]
}
