package natsrooms

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	probePause = 5 * time.Second // between looks at the stream while all is well
	retryPause = time.Second     // and while it is not
	// slack is how far apart the clocks of the servers of a cluster may be.
	slack = time.Second
)

// stream knows the state of the log's stream. Its goroutine looks at the stream now and
// then.
type stream struct {
	log *Log
	js  jetstream.JetStream

	mu      sync.Mutex    // protects the fields below, but not soon
	err     error         // why the stream is not ready, or nil
	changed chan struct{} // closed and replaced when the stream is ready
	info    *jetstream.StreamInfo
	asked   time.Time // when info was asked for, by our clock
	whole   time.Time // nothing was missed until then, by the stream's clock
	conns   uint64    // the number of connections at that time

	soon chan struct{} // capacity 1; makes run look now
}

func newStream(l *Log) *stream {
	// New fails only because of its options, and there are none.
	js, _ := jetstream.New(l.link.conn())
	return &stream{log: l, js: js, err: ErrNotReady, changed: make(chan struct{}),
		soon: make(chan struct{}, 1)}
}

// run ends when the log is closed.
func (s *stream) run() {
	connected := s.log.link.conn().StatusChanged(nats.CONNECTED)
	defer s.log.link.conn().RemoveStatusListener(connected)
	for {
		pause := probePause
		if s.look() != nil {
			pause = retryPause
		}
		select {
		case <-time.After(pause):
		case <-connected:
		case <-s.soon:
		case <-s.log.pool.Closed():
			return
		}
	}
}

// lookSoon makes run look at a stream that did not answer.
func (s *stream) lookSoon() {
	select {
	case s.soon <- struct{}{}:
	default:
	}
}

// look asks for the stream, and reports a break to the followers.
func (s *stream) look() error {
	err := s.log.link.state()
	if err == nil {
		err = s.ask()
	}
	if err != nil {
		s.fail(err)
	}
	return err
}

// ask asks for the stream. It fails if the connection was replaced between the question
// and the answer, because messages sent in between were missed.
func (s *stream) ask() error {
	ctx, cancel := context.WithTimeout(context.Background(), s.log.options.Wait)
	defer cancel()
	conns, asked := s.log.link.conn().Stats().Reconnects, time.Now()
	info, err := s.find(ctx)
	switch {
	case err != nil:
		return err
	case conns != s.log.link.conn().Stats().Reconnects:
		return nats.ErrDisconnected
	}
	if err := s.log.options.check(info.Config); err != nil {
		return err
	}
	s.found(info, asked, conns)
	return nil
}

// find returns the stream's state. It creates the stream if there is none.
func (s *stream) find(ctx context.Context) (*jetstream.StreamInfo, error) {
	found, err := s.js.Stream(ctx, s.log.options.Stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) && !s.log.options.Provided {
		found, err = s.js.CreateStream(ctx, s.log.options.stream())
	}
	if err != nil {
		return nil, err
	}
	return found.Info(ctx)
}

// fail notes the error. It keeps s.whole, because everything since then must be read.
func (s *stream) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = fmt.Errorf("%w: %w", ErrNotReady, err)
}

// found notes the state of the stream. It reports a break to the followers before the
// stream counts as ready.
func (s *stream) found(info *jetstream.StreamInfo, asked time.Time, conns uint64) {
	s.mu.Lock()
	before, reason, whole := s.info, s.err, s.whole
	broken := before != nil && (reason != nil || s.conns != conns)
	s.mu.Unlock()
	switch {
	case before != nil && !before.Created.Equal(info.Created):
		broken, reason = true, ErrRemade
	case reason == nil:
		reason = nats.ErrDisconnected // and connected again since the last look
	}
	if broken {
		s.log.tellAll(reason, whole)
	}
	s.mu.Lock()
	s.info, s.asked, s.err = info, asked, nil
	s.whole, s.conns = info.TimeStamp.Add(-slack), conns
	if s.whole.Before(info.Created) {
		s.whole = info.Created // before that there was nothing to miss
	}
	close(s.changed)
	s.changed = make(chan struct{})
	s.mu.Unlock()
	if !broken {
		s.log.pool.Sweep(sweepRooms)
	}
}

// wait blocks until the stream is ready.
func (s *stream) wait(ctx context.Context) error {
	return s.waitUntil(ctx, func() bool { return s.err == nil })
}

// known blocks until the stream has been ready once. After that, requests are sent even
// if it is not ready: they fail by themselves if it is gone.
func (s *stream) known(ctx context.Context) error {
	return s.waitUntil(ctx, func() bool { return s.info != nil })
}

func (s *stream) waitUntil(ctx context.Context, done func() bool) error {
	for {
		s.mu.Lock()
		ok, changed := done(), s.changed
		s.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-s.log.pool.Closed():
			return ErrClosed
		case <-ctx.Done():
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.err
		}
	}
}

// latest returns the latest time that the stream's clock can show at a time of our clock.
// When info was asked for, the stream's clock showed the time in info, or an earlier one.
func (s *stream) latest(at time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.info.TimeStamp.Add(at.Sub(s.asked) + slack)
}

func (s *stream) wholeUntil() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.whole
}

func (s *stream) replicas() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.info.Config.Replicas
}
