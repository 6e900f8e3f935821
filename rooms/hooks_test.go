package rooms_test

import (
	"bytes"
	"context"
	"errors"
	"log"
	"net"
	"os"
	"strings"
	"sync"
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
		!strings.Contains(text, "hooks_test.go:") || strings.Contains(text, "internal/") {
		t.Errorf("OnError(%v), want the panic in %s, with its own frames", err, what)
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

// faults makes methods of the program panic, or end their goroutine.
type faults struct {
	mu   sync.Mutex
	call func()
}

func (f *faults) be(call func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.call = call
}

func (f *faults) meet() {
	f.mu.Lock()
	call := f.call
	f.mu.Unlock()
	if call != nil {
		call()
	}
}

func disco() { panic("at the disco") }

// brokerOfFaults is a broker whose methods meet them.
type brokerOfFaults struct {
	*fakeBroker
	*faults
}

func (b brokerOfFaults) Subscribe(room string, receive func([]byte, error)) error {
	b.meet()
	return b.fakeBroker.Subscribe(room, receive)
}

func (b brokerOfFaults) Unsubscribe(room string) error {
	b.meet()
	return b.fakeBroker.Unsubscribe(room)
}

func (b brokerOfFaults) Publish(room string, data []byte) error {
	b.meet()
	return b.fakeBroker.Publish(room, data)
}

// logOfFaults is a log whose methods meet them.
type logOfFaults struct {
	*fakeLog
	*faults
}

func (l logOfFaults) Append(
	ctx context.Context, room, id string, data []byte,
) (rooms.Place, error) {
	place, err := l.fakeLog.Append(ctx, room, id, data)
	l.meet()
	return place, err
}

func (l logOfFaults) Read(
	ctx context.Context, room string, after rooms.Place,
) (rooms.Page, error) {
	l.meet()
	return l.fakeLog.Read(ctx, room, after)
}

func (l logOfFaults) Follow(
	ctx context.Context, room string, receive func(rooms.News),
) (rooms.Place, error) {
	l.meet()
	return l.fakeLog.Follow(ctx, room, receive)
}

func (l logOfFaults) Unfollow(room string) error {
	l.fakeLog.Unfollow(room)
	l.meet()
	return nil
}

// Contract 9.9: a broker that panics fails, also on a goroutine of the rooms, and is tried
// again.
func TestBrokerPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := brokerOfFaults{newFakeBroker(t), &faults{call: disco}}
		o, errs := withErrors(rooms.Options[string]{Broker: b})
		r := rooms.New(o)
		ann := join(t, r, "lobby", 10, "ann")
		wantPanic(t, `subscribe to "lobby"`, <-errs)
		time.Sleep(10 * time.Second)
		for range 3 { // after 1, 3 and 7 seconds
			wantPanic(t, `subscribe to "lobby"`, <-errs)
		}
		wantPanic(t, `publish to "lobby"`, r.Broadcast("lobby", "x"))
		wantPanic(t, `publish to "lobby"`, <-errs)
		b.be(nil)
		time.Sleep(time.Minute)
		if err := r.Broadcast("lobby", "y"); err != nil || b.receiver("lobby") == nil {
			t.Errorf("Broadcast = %v, subscribed %v, want no error, true", err,
				b.receiver("lobby") != nil)
		}
		wantMessages(t, "ann", ann.got(), "x", "y")
		b.be(disco)
		ann.Leave()
		wantPanic(t, `unsubscribe from "lobby"`, <-errs)
		time.Sleep(time.Hour)
		if got := r.Stats(); got.Rooms != 0 || len(errs) > 0 {
			t.Errorf("Stats = %+v, told %d errors more, want no room and none", got, len(errs))
		}
	})
}

// Contract 9.9: so does a log that panics. Whether it has what was appended is uncertain.
func TestLogPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := logOfFaults{newFakeLog(), &faults{call: disco}}
		r, errs := onLog(l, rooms.Options[string]{})
		_, err := r.Join("lobby", make(chan string), nil, nil)
		wantPanic(t, `subscribe to "lobby"`, err)
		wantPanic(t, `subscribe to "lobby"`, <-errs)
		l.be(nil)
		ann := join(t, r, "lobby", 10, "ann")
		say(t, r, "lobby", "1")
		l.be(disco)
		_, err = r.Say(t.Context(), "lobby", "", "2")
		wantPanic(t, `append to "lobby"`, err)
		if !errors.Is(err, rooms.ErrUncertain) {
			t.Errorf("Say = %v, want %v", err, rooms.ErrUncertain)
		}
		<-errs
		_, _, err = r.JoinAfter("lobby", "1-1", make(chan string), nil, nil)
		wantPanic(t, `read "lobby"`, err)
		<-errs
		l.receive(rooms.News{})
		wantPanic(t, `read "lobby"`, <-errs)
		time.Sleep(time.Second)
		wantPanic(t, `read "lobby"`, <-errs)
		l.be(nil)
		time.Sleep(time.Minute)
		say(t, r, "lobby", "3")
		synctest.Wait()
		wantMessages(t, "ann", ann.got(), "1", "2", "3")
		l.be(disco)
		ann.Leave()
		wantPanic(t, `unsubscribe from "lobby"`, <-errs)
		if got := r.Stats(); got.Rooms != 0 {
			t.Errorf("Stats = %+v, want no room", got)
		}
	})
}
