package redisrooms

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
)

var (
	errOver   = errors.New("the connection is over")
	errSilent = errors.New("no answer")
)

// session is one connection for subscriptions. It ends with the first error, although
// the PubSub would connect again by itself: that hides what was missed, and which
// answers are to come.
type session struct {
	ps     *redis.PubSub
	ctx    context.Context // until close
	cancel func()

	writing sync.Mutex // held while a command is written, so that requests have its order

	mu       sync.Mutex // protects the fields below
	over     bool
	requests []*request // in the order in which the answers come
}

// request is a command. err says why it has failed, once done is closed.
type request struct {
	left int // answers to come
	done chan struct{}
	err  error
}

// openSession connects, in a cluster to any server. It does so by a command that changes
// nothing, and whose answer is the first. Connecting calls code of the program, such as
// redis.Options.OnConnect, which may panic.
func openSession(parent context.Context, c *client) (*session, error) {
	s := &session{}
	s.ctx, s.cancel = context.WithCancel(parent)
	s.ps = c.any().Subscribe(s.ctx)
	ctx, cancel := context.WithTimeout(s.ctx, serverWait)
	defer cancel()
	if err := recovered.Apart(func() error { return s.ps.Unsubscribe(ctx) }); err != nil {
		s.close()
		return nil, err
	}
	s.requests = []*request{{left: 1, done: make(chan struct{})}}
	return s, nil
}

// close ends the session, and all that wait for an answer.
func (s *session) close() {
	s.cancel() // it may be about to connect, and hold the lock of Close
	_ = s.ps.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	for _, r := range s.requests {
		r.finish(errOver)
	}
	s.requests = nil
}

// send writes a command that gets as many answers as it has channels. If the command
// cannot be written, the session is over.
func (s *session) send(
	command func(ctx context.Context, channels ...string) error, channels ...string,
) *request {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.write(command, channels...)
}

// write is send for callers that hold writing.
func (s *session) write(
	command func(ctx context.Context, channels ...string) error, channels ...string,
) *request {
	r := &request{left: len(channels), done: make(chan struct{})}
	if !s.expect(r) {
		r.finish(errOver)
	} else if command(s.ctx, channels...) != nil {
		s.close()
	}
	return r
}

func (s *session) expect(r *request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.over {
		s.requests = append(s.requests, r)
	}
	return !s.over
}

// read passes messages on, and returns why the session is over. receive must not block.
func (s *session) read(receive func(m *redis.Message)) error {
	for {
		answer, err := s.ps.Receive(s.ctx)
		switch m, ok := answer.(*redis.Message); {
		case ok:
			receive(m)
		case err != nil && !isReply(err):
			return err
		case !s.answer(err):
			return fmt.Errorf("redisrooms: an answer that nobody waits for: %v, %w", answer, err)
		}
	}
}

// answer notes an answer, and returns false if none was to come. An error is the answer
// to all channels of a command.
func (s *session) answer(err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) == 0 {
		return false
	}
	r := s.requests[0]
	if r.left--; r.left == 0 || err != nil {
		s.requests = s.requests[1:]
		r.finish(err)
	}
	return true
}

func (r *request) finish(err error) {
	r.err = err
	close(r.done)
}

// wait returns the error of the request, or errSilent after a time.
func (r *request) wait(atMost time.Duration) error {
	timer := time.NewTimer(atMost)
	defer timer.Stop()
	select {
	case <-r.done:
		return r.err
	case <-timer.C:
		return errSilent
	}
}

// isReply reports whether err is an answer of the server.
func isReply(err error) bool {
	var reply redis.Error
	return errors.As(err, &reply)
}

// isRefusal reports whether err is an answer that does not change by itself.
func isRefusal(err error) bool {
	return redis.IsPermissionError(err) || redis.IsAuthError(err)
}
