package natsrooms

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// maxHeard is how many errors of the connection are remembered.
const maxHeard = 1024

// tooManyWait is how long it may take until the handler hears of a subscription that was
// too many.
const tooManyWait = 100 * time.Millisecond

// listen puts the link before the error handler of a connection. nats.go reports what
// the server refuses only there; its LastError is one for all subscriptions. The
// program's handler is called as before; one that it sets later takes the link's place.
func (l *link) listen(nc *nats.Conn) {
	next := nc.ErrorHandler()
	nc.SetErrorHandler(func(c *nats.Conn, sub *nats.Subscription, err error) {
		l.hear(err)
		if next != nil {
			next(c, sub, err)
		}
	})
}

// hear notes an error of the connection.
func (l *link) hear(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.heard) >= maxHeard {
		l.heard = slices.Delete(l.heard, 0, maxHeard/2)
	}
	l.heard = append(l.heard, err)
	if errors.Is(err, nats.ErrPermissionViolation) {
		if s := l.subs[quoted(err, `Subscription to "`)]; s != nil {
			l.refused[s] = err
		}
		if subject := quoted(err, `Publish to "`); subject != "" {
			if len(l.refusedPublish) >= maxHeard {
				clear(l.refusedPublish)
			}
			l.refusedPublish[subject] = err
			l.refusals.Store(int64(len(l.refusedPublish)))
		}
	}
	if errors.Is(err, nats.ErrMaxSubscriptionsExceeded) {
		l.tooMany++
	}
	close(l.changed)
	l.changed = make(chan struct{})
}

// quoted returns what err quotes after a text, or "".
func quoted(err error, after string) string {
	_, rest, _ := strings.Cut(err.Error(), after)
	subject, _, _ := strings.Cut(rest, `"`)
	return subject
}

// heardSoFar is what was heard before a subscription.
type heardSoFar struct {
	last    error // the connection's
	tooMany int
}

func (l *link) heardSoFar(nc *nats.Conn) heardSoFar {
	l.mu.Lock()
	defer l.mu.Unlock()
	return heardSoFar{nc.LastError(), l.tooMany}
}

// refusal returns the server's error if it has refused a subscription. The server sends it
// before it answers the flush, so if the connection's last error is the one before, there
// is none. Otherwise all must be heard up to the last one. If that takes too long, because
// the program has replaced the handler, refusal returns that error: better no subscription
// than a deaf one.
func (l *link) refusal(s *subscription, nc *nats.Conn, before heardSoFar) error {
	last := nc.LastError()
	tooMany := errors.Is(last, nats.ErrMaxSubscriptionsExceeded)
	wait, otherwise := serverWait, last
	switch {
	case tooMany: // always the same error, so it may be an old one
		wait, otherwise = tooManyWait, nil
	case last == before.last || !errors.Is(last, nats.ErrPermissionViolation):
		return nil
	}
	late := time.NewTimer(wait)
	defer late.Stop()
	for {
		l.mu.Lock()
		refused, heard, changed := l.refused[s], slices.Contains(l.heard, last), l.changed
		more := l.tooMany > before.tooMany
		l.mu.Unlock()
		switch {
		case refused != nil || !tooMany && heard:
			return refused
		case more:
			return nats.ErrMaxSubscriptionsExceeded // this one, or one at the same time
		}
		select {
		case <-changed:
		case <-late.C:
			return otherwise
		}
	}
}

// nowRefused returns the subscriptions that the server has refused after it had taken
// them.
func (l *link) nowRefused() map[*subscription]error {
	l.mu.Lock()
	refused := maps.Clone(l.refused)
	l.mu.Unlock()
	maps.DeleteFunc(refused, func(s *subscription, _ error) bool { return !s.isConfirmed() })
	return refused
}

func (s *subscription) isConfirmed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.confirmed
}

// publishRefused returns and forgets the error of a server that took no message on a
// subject.
func (l *link) publishRefused(subject string) error {
	if l.refusals.Load() == 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.refusedPublish[subject]
	delete(l.refusedPublish, subject)
	l.refusals.Store(int64(len(l.refusedPublish)))
	return err
}
