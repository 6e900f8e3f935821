package natsrooms

import (
	"errors"
	"maps"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
)

const (
	mendPeriod = 250 * time.Millisecond // between looks at the connection
	retryFirst = time.Second            // before the next try; each pause doubles
	retryLast  = 30 * time.Second
)

// mender makes a new connection if the last one is closed for good, and subscribes
// again where the server has taken a right away and may have given it back.
type mender struct {
	link *link
	tell func(subject string, loss error)

	told  map[*subscription]bool // that it was refused
	next  time.Time              // the next try, and the pause after it
	pause time.Duration
}

// mend runs until done is closed. It tells a room when its subscription is refused, and
// ErrOutage when it is back.
func (l *link) mend(done <-chan struct{}, tell func(subject string, loss error)) {
	m := &mender{link: l, tell: tell, told: make(map[*subscription]bool)}
	tick := time.NewTicker(mendPeriod)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			m.look()
		}
	}
}

func (m *mender) look() {
	closed, refused := m.link.conn().IsClosed(), m.link.nowRefused()
	maps.DeleteFunc(m.told, func(s *subscription, _ bool) bool { return refused[s] == nil })
	for s, err := range refused {
		if !m.told[s] {
			m.told[s] = true
			m.tell(s.subject, err)
		}
	}
	switch {
	case !closed && len(refused) == 0:
		m.pause = 0
	case time.Now().Before(m.next):
	case closed:
		m.after(m.replace())
	case m.link.conn().IsConnected():
		m.after(m.again(refused))
	}
}

// after sets when to try again.
func (m *mender) after(mended bool) {
	if mended {
		m.pause = 0
		return
	}
	m.pause = min(max(retryFirst, 2*m.pause), retryLast)
	m.next = time.Now().Add(m.pause)
}

// replace makes a new connection, with all subscriptions. The watcher sees the break,
// and tells the rooms.
func (m *mender) replace() bool {
	if m.link.connect == nil {
		return false
	}
	nc, err := m.link.dial()
	if err != nil {
		m.link.failure.Store(&err)
		return false
	}
	m.link.failure.Store(nil)
	for _, s := range m.link.use(nc) {
		_ = s.renew(nc) // the connection may be closed again
	}
	// Now the watcher sees it.
	m.link.now.Store(&connection{nc: nc, earlier: m.link.now.Load().earlier + 1})
	return true
}

var errNotOpen = errors.New("returned no open connection")

// dial calls Connect, which is the program's and may panic.
func (l *link) dial() (nc *nats.Conn, err error) {
	err = recovered.Apart(func() (err error) { nc, err = l.connect(); return err })
	if err == nil && (nc == nil || nc.IsClosed()) {
		err = errNotOpen
	}
	return nc, err
}

// use makes nc the connection, and returns the subscriptions.
func (l *link) use(nc *nats.Conn) (subs []*subscription) {
	l.listen(nc)
	l.mu.Lock()
	defer l.mu.Unlock()
	breaks, _ := l.Look()
	l.now.Store(&connection{nc: nc, earlier: breaks})
	for _, s := range l.subs {
		subs = append(subs, s)
	}
	return subs
}

// again subscribes once more. If the first is refused again, so are the others.
func (m *mender) again(refused map[*subscription]error) bool {
	for s := range refused {
		if _, err := m.link.establish(s); err != nil {
			return false
		}
		m.tell(s.subject, ErrOutage)
	}
	return true
}
