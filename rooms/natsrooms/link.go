package natsrooms

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// serverWait limits how long to wait for the server's answer to a subscription. After
// that it still takes effect later, and the watcher goes on waiting for it.
const serverWait = 2 * time.Second

// link is the connection of one broker or log, and its subscriptions. It implements
// pool.Link.
type link struct {
	mu   sync.Mutex // protects the fields below
	nc   *nats.Conn
	subs map[string]*subscription // by subject
}

func newLink(nc *nats.Conn) *link {
	l := &link{subs: make(map[string]*subscription)}
	l.use(nc)
	return l
}

// use makes nc the connection.
func (l *link) use(nc *nats.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.nc = nc
}

func (l *link) conn() *nats.Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.nc
}

// state returns an error if nothing can be sent. Without this check, nats.go would keep
// a message and send it later.
func (l *link) state() error {
	nc := l.conn()
	switch {
	case nc.IsConnected():
		return nil
	case nc.IsClosed():
		return gone(nc)
	}
	return nats.ErrDisconnected
}

// gone returns why a connection is closed for good.
func gone(nc *nats.Conn) error {
	if last := nc.LastError(); last != nil && !errors.Is(last, nats.ErrConnectionClosed) {
		return fmt.Errorf("%w: %w", nats.ErrConnectionClosed, last)
	}
	return nats.ErrConnectionClosed
}

// Look implements pool.Link.
func (l *link) Look() (breaks uint64, lost error) {
	nc := l.conn()
	if nc.IsClosed() {
		lost = gone(nc)
	}
	return nc.Stats().Reconnects, lost
}

// Settle implements pool.Link.
func (l *link) Settle() error {
	if err := l.state(); err != nil {
		return err
	}
	return l.conn().FlushTimeout(serverWait)
}
