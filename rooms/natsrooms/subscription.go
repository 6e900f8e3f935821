package natsrooms

import (
	"errors"
	"sync"

	"github.com/nats-io/nats.go"
)

// subscription is one subject of a link. Its messages go to the queue of a worker,
// because a subscription with a callback would cost a goroutine.
type subscription struct {
	subject string
	queue   chan *nats.Msg

	mu        sync.Mutex // protects the fields below
	sub       *nats.Subscription
	before    int  // dropped by earlier ones
	confirmed bool // subscribe has returned it
	removed   bool
}

// subscribe returns when NATS has the subscription, and false if it did not answer in
// time: then it takes effect later. While NATS is down, subscribe does not wait. An
// error means that there is no subscription.
func (l *link) subscribe(s *subscription) (answered bool, err error) {
	l.mu.Lock()
	l.subs[s.subject] = s
	l.mu.Unlock()
	if answered, err = l.establish(s); err != nil {
		_ = l.unsubscribe(s)
		return answered, err
	}
	s.mu.Lock()
	s.confirmed = true
	s.mu.Unlock()
	return answered, nil
}

// establish subscribes, again if s had been subscribed, and waits for the answer. If the
// connection is replaced meanwhile, the mender renews s as well, and the rooms are told.
func (l *link) establish(s *subscription) (answered bool, err error) {
	nc := l.conn()
	before := l.heardSoFar(nc)
	l.mu.Lock()
	delete(l.refused, s)
	l.mu.Unlock()
	if err := s.renew(nc); err != nil {
		return false, err
	}
	if !nc.IsConnected() {
		return true, nil
	}
	if nc.FlushTimeout(serverWait) != nil {
		return false, nil // nats.go has sent it, and sends it again if it reconnects
	}
	return true, l.refusal(s, nc, before)
}

// renew subscribes on a connection, in place of an earlier subscription.
func (s *subscription) renew(nc *nats.Conn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.removed {
		return nats.ErrBadSubscription
	}
	s.end()
	sub, err := nc.ChanSubscribe(s.subject, s.queue)
	if err == nil {
		s.sub = sub
	}
	return err
}

// end ends the present subscription, if there is one. The caller holds the lock. It is
// not an error if the connection is closed.
func (s *subscription) end() error {
	if s.sub == nil {
		return nil
	}
	dropped, _ := s.sub.Dropped()
	s.before += max(dropped, 0)
	err := s.sub.Unsubscribe()
	s.sub = nil
	if errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrBadSubscription) {
		return nil
	}
	return err
}

// unsubscribe ends a subscription.
func (l *link) unsubscribe(s *subscription) error {
	l.mu.Lock()
	if l.subs[s.subject] == s {
		delete(l.subs, s.subject)
	}
	delete(l.refused, s)
	l.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.removed = true
	return s.end()
}

// dropped returns how many messages nats.go has dropped because the queue was full.
func (s *subscription) dropped() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	if s.sub != nil {
		n, _ = s.sub.Dropped()
	}
	return s.before + max(n, 0)
}
