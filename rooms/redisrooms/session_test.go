package redisrooms

import (
	"context"
	"errors"
	"testing"

	"github.com/redis/go-redis/v9"
)

// newSession makes a session that is not connected: the tests write and answer.
func newSession(t *testing.T) *session {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: "127.0.0.1:0"})
	s := &session{}
	s.ctx, s.cancel = context.WithCancel(t.Context())
	s.ps = c.Subscribe(s.ctx)
	t.Cleanup(func() {
		s.close()
		c.Close()
	})
	return s
}

func written(context.Context, ...string) error { return nil }

func notWritten(context.Context, ...string) error { return errors.New("not written") }

// wantDone compares how a request has ended. Nil is not an end.
func wantDone(t *testing.T, what string, r *request, want error) {
	t.Helper()
	select {
	case <-r.done:
		if r.err != want {
			t.Errorf("%s: the request ended with %v, want %v", what, r.err, want)
		}
	default:
		t.Errorf("%s: the request waits, want its end", what)
	}
}

func wantWaiting(t *testing.T, what string, r *request) {
	t.Helper()
	select {
	case <-r.done:
		t.Errorf("%s: the request ended with %v, want it to wait", what, r.err)
	default:
	}
}

// A request ends with the answer to its last channel, or with an error, which answers
// all of them. Answers belong to requests in their order.
func TestRequests(t *testing.T) {
	s, errRefused := newSession(t), errors.New("refused")
	first, second := s.send(written, "a", "b"), s.send(written, "c", "d")
	third := s.send(written, "e")
	s.answer(nil)
	wantWaiting(t, "one answer of two", first)
	s.answer(nil)
	wantDone(t, "two answers of two", first, nil)
	s.answer(errRefused)
	wantDone(t, "an error", second, errRefused)
	wantWaiting(t, "no answer", third)
	s.answer(nil)
	wantDone(t, "its answer", third, nil)
	if s.answer(nil) {
		t.Error("an answer that nobody waits for was taken")
	}
}

// The end of a session ends all requests, and no command is written after it.
func TestSessionIsOver(t *testing.T) {
	s := newSession(t)
	first := s.send(written, "a")
	wantDone(t, "not written", s.send(notWritten, "b"), errOver)
	wantDone(t, "before the end", first, errOver)
	late := s.send(func(context.Context, ...string) error {
		t.Error("a command is written after the end")
		return nil
	}, "c")
	wantDone(t, "after the end", late, errOver)
	s.close()
}
