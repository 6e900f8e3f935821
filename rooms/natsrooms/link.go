package natsrooms

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms/internal/pool"
)

// serverWait limits how long to wait for the server's answer to a subscription. After
// that it still takes effect later, and the watcher goes on waiting for it.
const serverWait = 2 * time.Second

// link is the connection of one broker or log, with its subscriptions. It implements
// pool.Link.
type link struct {
	connect func() (*nats.Conn, error) // makes a new connection; may be nil

	now     atomic.Pointer[connection]
	failure atomic.Pointer[error] // of connect, the last time; nil if it succeeded

	mu      sync.Mutex               // protects the fields below
	subs    map[string]*subscription // by subject
	refused map[*subscription]error  // by the server
	heard   []error                  // the last errors of the connection, the newest last
	tooMany int                      // how often NATS refused one, and did not say which
	changed chan struct{}            // closed and replaced when an error was heard

	refusedPublish map[string]error // by subject
	refusals       atomic.Int64     // the length of refusedPublish
}

func newLink(nc *nats.Conn, connect func() (*nats.Conn, error)) *link {
	l := &link{
		connect: connect, changed: make(chan struct{}),
		subs: make(map[string]*subscription), refused: make(map[*subscription]error),
		refusedPublish: make(map[string]error),
	}
	l.now.Store(&connection{nc: nc})
	l.listen(nc)
	return l
}

// subscribed is a room of a pool, with its subscription.
type subscribed interface {
	pool.Room[*nats.Msg]
	subscription() *subscription
}

// newPool makes the pool of a link's rooms, and watches and mends the link until the pool
// is closed.
func newPool[R subscribed](
	l *link, pending int, onOutage func(error),
) (p *pool.Pool[*nats.Msg, R]) {
	p = pool.New(pool.Config[*nats.Msg, R]{
		Key:     func(m *nats.Msg) string { return m.Subject },
		Mark:    func(subject string) *nats.Msg { return &nats.Msg{Subject: subject} },
		IsMark:  func(m *nats.Msg) bool { return m.Sub == nil }, // nats.go sets Sub
		Pending: pending,
		Slow:    slow,
		Dropped: func(r R) int { return r.subscription().dropped() },
		Subscribe: func(subject string, r R) (answered bool, err error) {
			s := r.subscription()
			s.subject, s.queue = subject, p.Queue(subject)
			return l.subscribe(s)
		},
		Unsubscribe: func(_ string, r R) error { return l.unsubscribe(r.subscription()) },
		Closed:      ErrClosed,
		Unanswered:  nats.ErrTimeout,
	})
	p.Watch(l, ErrOutage, onOutage)
	p.Go(func() { l.mend(p.Closed(), p.Owe) })
	return p
}

// slow is what rooms are told if messages arrive faster than they can be passed on.
func slow(dropped int) error {
	return fmt.Errorf("%d messages dropped: %w", dropped, nats.ErrSlowConsumer)
}

// connection is the present one, and how many breaks there were before it.
type connection struct {
	nc      *nats.Conn
	earlier uint64
}

func (l *link) conn() *nats.Conn { return l.now.Load().nc }

// state returns an error if nothing can be sent. Without this check, nats.go would keep
// a message and send it later.
func (l *link) state() error {
	nc := l.conn()
	switch {
	case nc.IsConnected():
		return nil
	case nc.IsClosed():
		return l.gone(nc)
	}
	return nats.ErrDisconnected
}

// gone returns why a connection is closed for good, and what to do.
func (l *link) gone(nc *nats.Conn) error {
	reason := nats.ErrConnectionClosed
	if last := nc.LastError(); last != nil && !errors.Is(last, reason) {
		reason = fmt.Errorf("%w: %w", reason, last)
	}
	if l.connect == nil {
		return fmt.Errorf("natsrooms: closed for good; Options.Connect can make a new one: %w",
			reason)
	}
	if failure := l.failure.Load(); failure != nil {
		return fmt.Errorf("natsrooms: closed for good: %w; Options.Connect: %w",
			reason, *failure)
	}
	return fmt.Errorf("natsrooms: closed for good, a new one is made: %w", reason)
}

// Look implements pool.Link.
func (l *link) Look() (breaks uint64, lost error) {
	now := l.now.Load()
	if now.nc.IsClosed() {
		lost = l.gone(now.nc)
	}
	return now.earlier + now.nc.Stats().Reconnects, lost
}

// Settle implements pool.Link.
func (l *link) Settle() error {
	if err := l.state(); err != nil {
		return err
	}
	return l.conn().FlushTimeout(serverWait)
}
