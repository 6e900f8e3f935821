package rooms_test

import (
	"bytes"
	"errors"
	"log"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/memlog"
)

// Contract 9.9: what ends the goroutine in which a broker or a log was called ends neither
// the room's subscription nor its reading.
func TestGoexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := brokerOfFaults{newFakeBroker(t), &faults{call: runtime.Goexit}}
		onBroker := rooms.New(&rooms.Options[string]{Broker: b})
		go join(t, onBroker, "lobby", 10, "ann")
		time.Sleep(5 * time.Second)
		if err := onBroker.Broadcast("lobby", "x"); err == nil {
			t.Error("Broadcast = no error, want one: nothing was published")
		}
		b.be(nil)
		time.Sleep(time.Minute)
		if err := onBroker.Broadcast("lobby", "x"); err != nil || b.receiver("lobby") == nil {
			t.Errorf("Broadcast = %v, subscribed %v, want no error, true", err,
				b.receiver("lobby") != nil)
		}
		l := logOfFaults{newFakeLog(), &faults{}}
		r, _ := onLog(l, rooms.Options[string]{})
		ann := join(t, r, "lobby", 10, "ann")
		l.set(true, nil)
		say(t, r, "lobby", "missed")
		l.be(runtime.Goexit)
		l.receive(rooms.News{})
		time.Sleep(5 * time.Second)
		l.be(nil)
		time.Sleep(time.Minute)
		wantMessages(t, "ann", ann.got(), "missed")
		ann.Leave()
	})
}

// wantGoexit is what a hook for errors was told of a runtime.Goexit in this file.
func wantGoexit(t *testing.T, what string, err error) {
	t.Helper()
	if text := err.Error(); !strings.Contains(text, what) ||
		!strings.Contains(text, "runtime.Goexit was called") ||
		!strings.Contains(text, "goexit_test.go:") || strings.Contains(text, "internal/") {
		t.Errorf("OnError(%v), want the Goexit in %s, with its own frames", err, what)
	}
}

// quitter is a message that ends the goroutine that decodes or measures it.
type quitter string

func (q quitter) MarshalBinary() ([]byte, error) { return []byte(q), nil }

func (q *quitter) UnmarshalBinary(data []byte) error {
	if *q = quitter(data); *q == "decode" {
		runtime.Goexit()
	}
	return nil
}

func (q quitter) Len() int {
	if q == "measure" {
		runtime.Goexit()
	}
	return len(q)
}

// Contract 9.9: a message of another process ends no goroutine of a broker or a log: there
// it would take other rooms along.
func TestMessagesGoexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFakeBroker(t)
		o, errs := withErrors(rooms.Options[quitter]{Broker: b})
		ann := join(t, rooms.New(o), "lobby", 10, "ann")
		store := memlog.New(50, time.Minute)
		r := rooms.NewOnLog(store, &rooms.Options[quitter]{OnError: o.OnError})
		bob := join(t, r, "lobby", 10, "bob")
		returned := make(chan bool, 1)
		tell := func(tell func()) {
			t.Helper()
			go func() { tell(); returned <- true }()
			synctest.Wait()
			if len(returned) == 0 {
				t.Error("the goroutine of the broker or the log has ended")
				return
			}
			<-returned
		}
		for i, text := range []string{"decode", "measure", "well"} {
			tell(func() { b.receiver("lobby")(fromElsewhere(0, i+1, text), nil) })
			tell(func() {
				store.Append(t.Context(), "lobby", text, []byte("\x02another process.\x00"+text))
			})
			if text == "well" {
				break
			}
			for range 2 {
				err := <-errs
				if wantGoexit(t, `undecodable message in "lobby"`, err); !errors.Is(err, rooms.ErrUndecodable) {
					t.Errorf("OnError(%v), want %v", err, rooms.ErrUndecodable)
				}
			}
		}
		wantMessages(t, "ann", ann.got(), "well")
		wantMessages(t, "bob", bob.got(), "well")
		cai, missed, err := r.JoinAfter("lobby", "", make(chan quitter, 1), nil, nil)
		if err != nil || len(missed.Messages) != 1 {
			t.Fatalf("JoinAfter = %v, %v, want one message", missed, err)
		}
		cai.Leave()
		bob.Leave()
		ann.Leave()
	})
}

// leaver is an attached value that ends the goroutine that closes it.
type leaver struct{}

func (leaver) Close(int, string) error { runtime.Goexit(); return nil }

// Contract 9.9: a hook that ends its goroutine costs no more than its call.
func TestHooksGoexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, errs := withErrors(rooms.Options[string]{Backlog: 1})
		removed := make(chan any, 1)
		o.OnRemove = func(_ string, attached any, _ error) { removed <- attached; runtime.Goexit() }
		r := rooms.New(o)
		join(t, r, "lobby", 0, any(leaver{}))
		r.Broadcast("lobby", "fits")
		r.Broadcast("lobby", "too much")
		wantGoexit(t, `close a member of "lobby"`, <-errs)
		<-removed
		wantGoexit(t, `report a removal in "lobby"`, <-errs)
	})
}

// Contract 9.9: OnError may end its goroutine, which is the broker's or the log's.
func TestErrorHookGoexits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text bytes.Buffer
		log.SetOutput(&text)
		defer log.SetOutput(os.Stderr)
		b, l := newFakeBroker(t), newFakeLog()
		hook := func(string, error) { runtime.Goexit() }
		ann := join(t, rooms.New(&rooms.Options[string]{Broker: b, OnError: hook}), "lobby", 10, "ann")
		r := rooms.NewOnLog(l, &rooms.Options[string]{OnError: hook})
		bob := join(t, r, "lobby", 10, "bob")
		told := make(chan bool, 1)
		go func() {
			b.receiver("lobby")(nil, errBroken)
			l.receive(rooms.News{Err: errBroken})
			told <- true
		}()
		synctest.Wait()
		if len(told) == 0 {
			t.Error("the goroutine of the broker or the log has ended")
		}
		say(t, r, "lobby", "x")
		wantMessages(t, "bob", bob.got(), "x")
		wantGoexit(t, "OnError", errors.New(text.String()))
		bob.Leave()
		ann.Leave()
	})
}
