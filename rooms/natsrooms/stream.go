package natsrooms

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	probePause = 5 * time.Second // between looks at the stream while all is well
	retryPause = time.Second     // and while it is not
	// slack is how much later than expected a message may come, by the stream's clock.
	slack = time.Second
	// sweepRooms is how many rooms are told to look after each look at the stream: in a
	// cluster a message may be lost between two servers without any sign.
	sweepRooms = 20
)

// stream knows the state of the log's stream. Its goroutine looks at the stream now and
// then.
type stream struct {
	log *Log

	mu      sync.Mutex    // protects the fields below, but not soon
	err     error         // why the stream is not ready, or nil
	changed chan struct{} // closed and replaced when the stream is ready
	info    *jetstream.StreamInfo
	clock   time.Time // what the stream's clock showed
	when    time.Time // at this time of our clock, or later

	soon chan struct{} // capacity 1; makes run look now
}

func newStream(l *Log) *stream {
	return &stream{log: l, err: ErrNotReady, changed: make(chan struct{}),
		soon: make(chan struct{}, 1)}
}

// run ends when the log is closed.
func (s *stream) run() {
	for {
		pause := probePause
		if s.look() != nil {
			pause = retryPause
		}
		select {
		case <-time.After(pause):
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

// look asks for the stream, and tells the rooms what they must know.
func (s *stream) look() error {
	err := s.log.link.state()
	if err == nil {
		err = s.ask()
	}
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.err = fmt.Errorf("%w: %w", ErrNotReady, err)
	}
	return err
}

func (s *stream) ask() error {
	ctx, cancel := context.WithTimeout(context.Background(), s.log.options.Wait)
	defer cancel()
	asked := time.Now()
	info, err := s.find(ctx)
	if err == nil {
		err = s.log.options.check(info.Config)
	}
	if err != nil {
		return err
	}
	s.found(info, asked)
	return nil
}

// find returns the stream's state. It creates the stream if there is none.
func (s *stream) find(ctx context.Context) (*jetstream.StreamInfo, error) {
	info := &jetstream.StreamInfo{}
	err := s.log.request(ctx, "STREAM.INFO", nil, info)
	if absentStream(err) && !s.log.options.Provided {
		err = s.log.request(ctx, "STREAM.CREATE", s.log.options.stream(), info)
	}
	if err == nil && info.Created.IsZero() {
		err = errBadAnswer
	}
	return info, err
}

func absentStream(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == jetstream.JSErrCodeStreamNotFound
}

// found notes the state of the stream. It tells the rooms of a break before the stream
// counts as ready, and otherwise makes some of them look.
func (s *stream) found(info *jetstream.StreamInfo, asked time.Time) {
	s.mu.Lock()
	before, reason := s.info, s.err
	s.mu.Unlock()
	switch {
	case before == nil:
	case !before.Created.Equal(info.Created):
		s.log.pool.OweAll(ErrRemade)
	case reason != nil:
		s.log.pool.OweAll(reason)
	default:
		s.log.pool.Sweep(sweepRooms)
	}
	s.setClock(info.TimeStamp, asked)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.info, s.err = info, nil
	close(s.changed)
	s.changed = make(chan struct{})
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

// setClock notes what the stream's clock showed. It is only used to guess: it may be
// another server's clock next time.
func (s *stream) setClock(clock, when time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock, s.when = clock, when
}

// latest returns the latest time that the stream's clock should show at a time of ours.
func (s *stream) latest(at time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock.Add(at.Sub(s.when) + slack)
}

// ours returns the time of our clock when the stream's showed a time.
func (s *stream) ours(clock time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.when.Add(clock.Sub(s.clock))
}

func (s *stream) replicas() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.info.Config.Replicas
}

// mayForget reports whether a message that is sent once more may arrive after the stream
// has forgotten its id. It was sent first at that time.
func (s *stream) mayForget(sent time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	window := s.info.Config.Duplicates
	return window > 0 && time.Since(sent)+attemptWait > window
}

// age returns how long the stream keeps a message, 0 if there is no limit. known is
// false until the stream was seen.
func (s *stream) age() (age time.Duration, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.info == nil {
		return 0, false
	}
	return s.info.Config.MaxAge, true
}
