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

	mu  sync.Mutex // protects the field below
	sub *nats.Subscription
}

// subscribe returns when NATS has the subscription, and false if it did not answer in
// time: then it takes effect later. While NATS is down, subscribe does not wait. An error
// means that there is no subscription.
func (l *link) subscribe(subject string, queue chan *nats.Msg) (
	s *subscription, answered bool, err error,
) {
	nc := l.conn()
	before := nc.LastError()
	s = &subscription{subject: subject, queue: queue}
	if s.sub, err = nc.ChanSubscribe(subject, queue); err != nil {
		return nil, false, err
	}
	l.mu.Lock()
	l.subs[subject] = s
	l.mu.Unlock()
	if !nc.IsConnected() {
		return s, true, nil
	}
	if nc.FlushTimeout(serverWait) != nil {
		return s, false, nil // nats.go has sent it, and sends it again if it reconnects
	}
	if err := refusal(subject, before, nc.LastError()); err != nil {
		_ = l.unsubscribe(s)
		return nil, true, err
	}
	return s, true, nil
}

// unsubscribe ends a subscription. It is not an error if s is nil or the connection is
// closed.
func (l *link) unsubscribe(s *subscription) error {
	if s == nil {
		return nil
	}
	l.mu.Lock()
	if l.subs[s.subject] == s {
		delete(l.subs, s.subject)
	}
	l.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	return end(s.sub)
}

func end(sub *nats.Subscription) error {
	err := sub.Unsubscribe()
	if errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrBadSubscription) {
		return nil
	}
	return err
}

// dropped returns how many messages nats.go has dropped because the queue was full.
func (s *subscription) dropped() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, _ := s.sub.Dropped()
	return max(n, 0)
}
