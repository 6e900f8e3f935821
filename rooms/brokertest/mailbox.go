package brokertest

import (
	"sync"
	"time"
)

// promptly is how long a publisher waits for a subscriber of [Memory].
const promptly = 100 * time.Millisecond

// mailbox is what waits for a subscriber of [Memory]. While it is not empty, one
// goroutine hands out what is in it, in order.
type mailbox struct {
	receive func([]byte, error)

	mu     sync.Mutex // protects the fields below
	queue  []letter
	busy   bool // there is a goroutine
	stuck  bool // a publisher has waited in vain, and it has not caught up since
	closed bool
}

// letter is one call of receive.
type letter struct {
	data []byte
	lost error
	read chan struct{} // closed when receive has returned, or will not be called
}

// deliver puts a letter in, and waits until it was read. It does not wait for a
// subscriber that is stuck, because that one may be the caller.
func (m *mailbox) deliver(data []byte, lost error) {
	l := letter{data: data, lost: lost, read: make(chan struct{})}
	if stuck := m.put(l); stuck {
		return
	}
	late := time.NewTimer(promptly)
	defer late.Stop()
	select {
	case <-l.read:
	case <-late.C:
		m.setStuck()
	}
}

// put starts the goroutine that hands out, if there is none.
func (m *mailbox) put(l letter) (stuck bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		close(l.read)
		return false
	}
	m.queue = append(m.queue, l)
	if !m.busy {
		m.busy = true
		go m.handOut()
	}
	return m.stuck
}

func (m *mailbox) setStuck() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stuck = m.busy
}

// handOut ends when the mailbox is empty.
func (m *mailbox) handOut() {
	for {
		l, ok := m.take()
		if !ok {
			return
		}
		m.receive(l.data, l.lost)
		close(l.read)
	}
}

func (m *mailbox) take() (l letter, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed || len(m.queue) == 0 {
		m.busy, m.stuck = false, false
		return l, false
	}
	l, m.queue = m.queue[0], m.queue[1:]
	return l, true
}

// close drops what was not handed out. A nil mailbox is closed.
func (m *mailbox) close() {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.queue {
		close(l.read)
	}
	m.closed, m.queue = true, nil
}
