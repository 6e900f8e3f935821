package rooms_test

import (
	"bytes"
	"errors"
	"log"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// guest is an attached value that closes its connection, as a *sockets.Connection does.
type guest struct {
	closed chan string
	err    error // what Close returns
}

func (g *guest) Close(code int, reason string) error {
	if code != 1013 {
		panic("at the disco")
	}
	g.closed <- reason
	return g.err
}

// Contract 9.8: a removal gives its reason to an attached value that can close the
// connection; the code on the channel would say no more than 1013.
func TestRemovalClosesAttached(t *testing.T) {
	for _, err := range []error{nil, net.ErrClosed} {
		synctest.Test(t, func(t *testing.T) {
			o, removals := watched(rooms.Options[string]{Backlog: 1})
			r := rooms.New(o)
			g := &guest{closed: make(chan string, 1), err: err}
			slow := join(t, r, "lobby", 0, any(g))
			r.Broadcast("lobby", "fits")
			r.Broadcast("lobby", "too much")
			got := <-removals
			if reason := <-g.closed; got.reason != rooms.ErrBacklog ||
				reason != got.reason.Error() || slow.code() != 0 {
				t.Errorf("Close(1013, %q), want %v, and no code", reason, got.reason)
			}
		})
	}
}

// Contract 9.8: a handler that closed its sender ends regularly.
func TestClosedSenderIsNotClosed(t *testing.T) {
	o, removals := watched(rooms.Options[string]{})
	r := rooms.New(o)
	g := &guest{closed: make(chan string, 1)}
	gone := join(t, r, "lobby", 0, any(g))
	close(gone.in)
	r.Broadcast("lobby", "x")
	if <-removals; len(g.closed) != 0 {
		t.Errorf("Close(1013, %q), want no call", <-g.closed)
	}
}

// Contract 9.8: a member for which nobody calls Start is told of, once and in time.
func TestNotStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, errs := onLog(nil, rooms.Options[string]{Grace: 3 * time.Second})
		started, _ := comeBack(t, r, "lobby", "", 1)
		left, _ := comeBack(t, r, "lobby", "", 1)
		forgotten, _ := comeBack(t, r, "lobby", "", 1)
		time.Sleep(2 * time.Second)
		started.Start()
		left.Leave()
		synctest.Wait()
		if len(errs) > 0 {
			t.Errorf("after 2s: OnError(%v), want no such call", <-errs)
		}
		time.Sleep(time.Minute)
		if got := len(errs); got != 1 {
			t.Fatalf("OnError was called %d times, want once", got)
		}
		if err := <-errs; !errors.Is(err, rooms.ErrNotStarted) ||
			!strings.Contains(err.Error(), `"lobby"`) {
			t.Errorf("OnError(%v), want %v and the room", err, rooms.ErrNotStarted)
		}
		forgotten.Start()
		say(t, r, "lobby", "x")
		synctest.Wait()
		wantMessages(t, "the one who was started late", forgotten.got(), "x")
	})
}

// wantPanic is what a hook for errors was told of a panic in this file.
func wantPanic(t *testing.T, what string, err error) {
	t.Helper()
	if text := err.Error(); !strings.Contains(text, what) ||
		!strings.Contains(text, "panic: at the disco") ||
		!strings.Contains(text, "hooks_test.go:") {
		t.Errorf("OnError(%v), want the panic in %s, with its file", err, what)
	}
}

// Contract 9.9: a hook that panics ends nothing, and its stack is kept.
func TestHooksPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, errs := withErrors(rooms.Options[string]{Backlog: 1})
		o.OnRemove = func(string, any, error) { panic("at the disco") }
		r := rooms.New(o)
		join(t, r, "lobby", 0, nil)
		r.Broadcast("lobby", "fits")
		r.Broadcast("lobby", "too much")
		synctest.Wait()
		wantPanic(t, `report a removal in "lobby"`, <-errs)
	})
}

// Contract 9.9: nobody but the logger can be told of a hook for errors that panics.
func TestErrorHookPanics(t *testing.T) {
	var text bytes.Buffer
	log.SetOutput(&text)
	defer log.SetOutput(os.Stderr)
	r := rooms.New(&rooms.Options[string]{
		OnError: func(string, error) { panic("at the disco") },
	})
	if err := r.Broadcast("lobby", "\xff"); !errors.Is(err, rooms.ErrUnsendable) {
		t.Errorf("Broadcast = %v, want %v", err, rooms.ErrUnsendable)
	}
	wantPanic(t, "not valid UTF-8", errors.New(text.String()))
}
