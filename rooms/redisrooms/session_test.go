package redisrooms

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

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

// parent is a context that counts who waits for its end.
type parent struct {
	context.Context
	waiting atomic.Int64
}

// Value keeps package context from finding the context inside.
func (p *parent) Value(any) any { return nil }

// AfterFunc is what package context uses, if a context has it.
func (p *parent) AfterFunc(f func()) (stop func() bool) {
	p.waiting.Add(1)
	stopped := context.AfterFunc(p.Context, f)
	return func() bool {
		p.waiting.Add(-1)
		return stopped()
	}
}

// dialer makes a client that connects by a function.
func dialer(t *testing.T, dial func(ctx context.Context) (net.Conn, error)) *client {
	t.Helper()
	c := redis.NewClient(&redis.Options{
		Addr:        "127.0.0.1:0", // a name would be looked up
		Dialer:      func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
		DialTimeout: time.Hour, // as a program may have it
	})
	t.Cleanup(func() { c.Close() })
	return newClient("Test", c)
}

// Contract 10.13: to connect takes no longer than serverWait, whatever the program's
// client waits for. What has failed leaves nothing.
func TestOpenSessionInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dialer(t, func(ctx context.Context) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		p, begun := &parent{Context: t.Context()}, time.Now()
		if _, err := openSession(p, c); err == nil {
			t.Error("openSession = nil, want an error")
		}
		if took := time.Since(begun); took > serverWait {
			t.Errorf("openSession took %v, want at most %v", took, serverWait)
		}
		if n := p.waiting.Load(); n != 0 {
			t.Errorf("%d contexts of the session are left, want none", n)
		}
	})
}

// The end of a session ends its attempt to connect, which holds the lock of its PubSub.
func TestCloseWhileConnecting(t *testing.T) {
	dialing, tries := make(chan context.Context, 1), atomic.Int32{}
	c := dialer(t, func(ctx context.Context) (net.Conn, error) {
		if tries.Add(1) > 1 {
			return nil, errors.New("no server")
		}
		dialing <- ctx
		select {
		case <-ctx.Done():
		case <-time.After(time.Minute): // only if the test fails
		}
		return nil, errors.New("no server")
	})
	s := &session{}
	s.ctx, s.cancel = context.WithCancel(t.Context())
	s.ps = c.any().Subscribe(s.ctx)
	go s.read(func(*redis.Message) {})
	ctx := <-dialing
	s.close()
	if ctx.Err() == nil {
		t.Error("the attempt was not ended, want it to be")
	}
}

const unsubscribed = "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n"

// answering makes a client of a server that says something to UNSUBSCRIBE, and then is
// silent.
func answering(t *testing.T, answer string) *client {
	t.Helper()
	return dialer(t, func(context.Context) (net.Conn, error) {
		conn, server := net.Pipe()
		go func() { // ends with the connection
			piece := make([]byte, 4096)
			for {
				n, err := server.Read(piece)
				switch {
				case err != nil:
					return
				case bytes.Contains(piece[:n], []byte("unsubscribe")):
					io.WriteString(server, answer)
				default:
					io.WriteString(server, strings.Repeat("-ERR unknown command\r\n",
						bytes.Count(piece[:n], []byte("*"))))
				}
			}
		}()
		return conn, nil
	})
}

// An answer that nobody waits for ends a session: those after it would be taken for
// answers to other requests. So does close, when no answer comes.
func TestReadEnds(t *testing.T) {
	for name, answer := range map[string]string{
		"closed": unsubscribed, "nobody waits for": unsubscribed + unsubscribed,
	} {
		synctest.Test(t, func(t *testing.T) {
			s, err := openSession(t.Context(), answering(t, answer))
			if err != nil {
				t.Fatalf("openSession = %v, want no error", err)
			}
			read := make(chan error, 1)
			go func() { read <- s.read(func(*redis.Message) {}) }()
			if name == "closed" {
				synctest.Wait()
				s.close()
			}
			if err := <-read; err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("read = %v, want %q", err, name)
			}
			s.close()
		})
	}
}
