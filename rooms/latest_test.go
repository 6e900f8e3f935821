package rooms_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/memlog"
)

// keyOf is a Latest for messages such as "a=1", whose key is "a".
func keyOf(msg string) string {
	key, _, found := strings.Cut(msg, "=")
	if !found {
		return ""
	}
	return key
}

// Contract 9.10: what waits is replaced, and what a member gets is in order. The pump
// has taken the first lot at once, so that is not replaced.
func TestLatest(t *testing.T) {
	tests := []struct {
		name, said, want string
		capacity         int
	}{
		{name: "one key", said: "a=1 a=2 a=3 a=4", want: "a=1 a=4"},
		{name: "what is in the channel stays", said: "a=1 a=2 a=3 a=4", want: "a=1 a=2 a=3 a=4",
			capacity: 3},
		{name: "in the order of the broadcasts", said: "x a=1 b=1 c=1 a=2", want: "x b=1 c=1 a=2"},
		{name: "no key is ordinary", said: "x a=1 y a=2 y a=3 y", want: "x y y a=3 y"},
		{name: "an empty key is no key", said: "x =1 =2", want: "x =1 =2"},
		{name: "the newest of each", said: "x a=1 b=1 a=2 b=2 b=3 a=3", want: "x b=3 a=3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := rooms.New(&rooms.Options[string]{Latest: keyOf})
				slow := join(t, r, "lobby", test.capacity, "slow")
				said, want := strings.Fields(test.said), strings.Fields(test.want)
				for _, msg := range said {
					r.Broadcast("lobby", msg)
					synctest.Wait()
				}
				var got []string
				for range want {
					got = append(got, <-slow.in)
				}
				synctest.Wait()
				wantMessages(t, "slow", append(got, slow.got()...), want...)
				stats := rooms.Stats{Rooms: 1, Members: 1, Replaced: uint64(len(said) - len(want))}
				if r.Stats() != stats {
					t.Errorf("Stats = %+v, want %+v", r.Stats(), stats)
				}
			})
		})
	}
}

// Contract 9.10: no key is held up by the others, although all change faster than the
// member takes them.
func TestLatestIsFair(t *testing.T) {
	const keys, perTick, ticks = 50, 5, 200
	synctest.Test(t, func(t *testing.T) {
		r := rooms.New(&rooms.Options[string]{Latest: keyOf, Backlog: 2 * keys})
		slow := join(t, r, "lobby", 0, "slow")
		var shown [keys]int // the tick of the value that the member has of each key
		last := 0
		for tick := range ticks {
			for key := range keys {
				r.Broadcast("lobby", fmt.Sprintf("%d=%d", key, tick))
			}
			synctest.Wait()
			for range perTick {
				var key, at int
				fmt.Sscanf(<-slow.in, "%d=%d", &key, &at)
				synctest.Wait()
				if n := at*keys + key; n < last {
					t.Fatalf("got %d=%d after %d, want the order of the broadcasts", key, at, last)
				} else {
					last, shown[key] = n, at
				}
			}
			// Two lots, and what waited before the first.
			for key, at := range shown {
				if late := tick - at; late > 2*keys/perTick+1 {
					t.Fatalf("in tick %d key %d is %d ticks late", tick, key, late)
				}
			}
		}
		slow.Leave()
	})
}

// Contract 9.10: the limits count what waits.
func TestLatestAndLimits(t *testing.T) {
	tests := []struct {
		name    string
		options rooms.Options[string]
		keys    int
		rounds  int
		reason  error
	}{
		{name: "twice the keys", options: rooms.Options[string]{Backlog: 20}, keys: 10, rounds: 50},
		{name: "fewer", options: rooms.Options[string]{Backlog: 9}, keys: 10, rounds: 1,
			reason: rooms.ErrBacklog},
		{name: "the default", keys: 4096, rounds: 3},
		{name: "more than the default", keys: 8193, rounds: 1, reason: rooms.ErrBacklog},
		{name: "bytes", options: rooms.Options[string]{BacklogBytes: 20 * 5}, keys: 10, rounds: 50},
		{name: "fewer bytes", options: rooms.Options[string]{BacklogBytes: 9*5 + 4}, keys: 10,
			rounds: 1, reason: rooms.ErrBacklog},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.options.Latest = keyOf
				o, removals := watched(test.options)
				r := rooms.New(o)
				slow := join(t, r, "lobby", 0, "slow")
				for range test.rounds {
					for key := range test.keys {
						r.Broadcast("lobby", fmt.Sprintf("%04d=", key))
					}
					if test.reason == nil {
						<-slow.in
						synctest.Wait()
					}
				}
				r.Broadcast("lobby", "") // of no size
				synctest.Wait()
				var got removal
				if len(removals) > 0 {
					got = <-removals
				}
				if got.reason != test.reason {
					t.Errorf("removed: %v, want %v", got.reason, test.reason)
				}
				slow.Leave()
			})
		})
	}
}

// Contract 9.10, 9.3: who takes nothing at all is removed.
func TestLatestStalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, removals := watched(rooms.Options[string]{Latest: keyOf})
		r := rooms.New(o)
		join(t, r, "lobby", 0, "slow")
		for range 101 {
			r.Broadcast("lobby", "a=1")
			time.Sleep(100 * time.Millisecond)
		}
		if got, want := <-removals, (removal{"lobby", "slow", rooms.ErrStalled}); got != want {
			t.Errorf("OnRemove(%v), want %v", got, want)
		}
	})
}

// Contract 9.10: what is replaced is not kept, also if a member takes nothing for long.
func TestLatestIsBounded(t *testing.T) {
	type page [4096]byte
	synctest.Test(t, func(t *testing.T) {
		r := rooms.New(&rooms.Options[*page]{
			Grace: -1, MaxMessageSize: -1,
			Latest: func(p *page) string { return string(p[:1]) },
		})
		slow := join(t, r, "lobby", 0, "slow")
		before := heap()
		for i := range 100_000 {
			r.Broadcast("lobby", &page{byte(i % 10)})
		}
		synctest.Wait()
		if got := heap() - before; got > 1<<20 {
			t.Errorf("ten keys take %d KB, want at most 1 MB", got>>10)
		}
		slow.Leave()
	})
}

// Contract 9.10: what a member is left out of replaces nothing of its own.
func TestLatestLeavesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rooms.New(&rooms.Options[string]{Latest: keyOf})
		slow := join(t, r, "lobby", 0, "slow")
		r.Broadcast("lobby", "x")
		synctest.Wait()
		r.Broadcast("lobby", "a=1")
		slow.BroadcastOthers("a=2")
		for _, want := range []string{"x", "a=1"} {
			if got := <-slow.in; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		synctest.Wait()
		wantMessages(t, "slow", slow.got())
	})
}

// Contract 9.10: a Latest that panics is told to the one who says the message, and nobody
// gets it.
func TestLatestPanics(t *testing.T) {
	hook, errs := withErrors(rooms.Options[string]{Latest: func(msg string) string {
		if msg == "bad" {
			disco()
		}
		return ""
	}})
	carriers(t, *hook, func(t *testing.T, r *rooms.Rooms[string], carried func() int) {
		ann := join(t, r, "lobby", 10, "ann")
		defer ann.Leave()
		err := r.Broadcast("lobby", "bad")
		wantPanic(t, "Latest", err)
		wantTold(t, errs, err)
		if got := carried(); !errors.Is(err, rooms.ErrUnsendable) || got != 0 {
			t.Errorf("Broadcast = %v, and %d carried, want ErrUnsendable, and none", err, got)
		}
		if err := r.Broadcast("lobby", "good"); err != nil {
			t.Errorf("Broadcast = %v, want no error", err)
		}
		wantMessages(t, "ann", ann.got(), "good")
	})
}

// Contract 9.10: so is one that panics for a message from elsewhere.
func TestLatestPanicsElsewhere(t *testing.T) {
	b := newFakeBroker(t)
	hook, errs := withErrors(rooms.Options[string]{
		Broker: b, Latest: func(string) string { disco(); return "" }})
	r := rooms.New(hook)
	ann := join(t, r, "lobby", 10, "ann")
	b.receiver("lobby")(fromElsewhere(0, 1, "bad"), nil)
	if got := r.Stats().Undecodable; got != 1 || len(errs) != 1 {
		t.Errorf("Undecodable = %d, OnError was called %d times, want 1, 1", got, len(errs))
	}
	wantPanic(t, "Latest", <-errs)
	wantMessages(t, "ann", ann.got())
}

// Contract 9.9, 9.10: a Latest that calls runtime.Goexit for a message from elsewhere
// ends neither the goroutine of a broker nor the one of a program that joins.
func TestLatestGoexits(t *testing.T) {
	bad := ""
	o := rooms.Options[string]{Latest: func(msg string) string {
		if msg == bad {
			runtime.Goexit()
		}
		return ""
	}}
	b := newFakeBroker(t)
	onBroker := o
	onBroker.Broker = b
	r := rooms.New(&onBroker)
	ann := join(t, r, "lobby", 10, "ann")
	l, _ := onLog(nil, o)
	position := say(t, l, "lobby", "seen")
	say(t, l, "lobby", "bad", "good")
	bad = "bad"
	tests := []struct {
		name string
		call func()
	}{
		{name: "a broker's", call: func() { b.receiver("lobby")(fromElsewhere(0, 1, "bad"), nil) }},
		{name: "who joins", call: func() {
			bob, missed := comeBack(t, l, "lobby", position, 10)
			wantMissed(t, missed, false, "good")
			bob.Leave()
		}},
	}
	for _, test := range tests {
		returned, ended := false, make(chan struct{})
		go func() {
			defer close(ended)
			test.call()
			returned = true
		}()
		<-ended
		if !returned {
			t.Errorf("%s: the goroutine has ended, want it to go on", test.name)
		}
	}
	if got := r.Stats().Undecodable; got != 1 {
		t.Errorf("Undecodable = %d, want 1", got)
	}
	ann.Leave()
}

// Contract 9.10: Latest need not expect nil, which may be said if nothing is measured.
func TestLatestOfNil(t *testing.T) {
	type value struct{ name string }
	r := rooms.New(&rooms.Options[*value]{MaxMessageSize: -1,
		Latest: func(v *value) string { return v.name }})
	ann := join(t, r, "lobby", 1, "ann")
	if err := r.Broadcast("lobby", nil); err != nil {
		t.Errorf("Broadcast(nil) = %v, want no error", err)
	}
	wantMessages(t, "ann", ann.got(), nil)
	ann.Leave()
}

// Contract 9.11: what cannot be decoded has no key, so it replaces no message.
func TestUndecodableReplacesNothing(t *testing.T) {
	log := memlog.New(50, time.Minute)
	bad := ""
	r, _ := onLog(log, rooms.Options[string]{
		Latest: func(string) string { return "a" },
		Decode: func(b []byte) (string, error) {
			if string(b) == bad {
				return "", errBroken
			}
			return string(b), nil
		},
	})
	keeper := join(t, r, "lobby", 10, "keeper")
	position := say(t, r, "lobby", "seen")
	say(t, r, "lobby", "old", "new", "bad")
	if _, err := log.Append(t.Context(), "lobby", "id", []byte("a stranger's")); err != nil {
		t.Errorf("Append = %v, want no error", err)
	}
	bad = "bad"
	back, missed := comeBack(t, r, "lobby", position, 10)
	wantMissed(t, missed, false, "new")
	back.Leave()
	keeper.Leave()
}

// Contract 9.10: without Latest nothing is decoded to find a key.
func TestNoLatestCostsNothing(t *testing.T) {
	decoded := 0
	r, _ := onLog(nil, rooms.Options[string]{
		Decode: func(b []byte) (string, error) { decoded++; return string(b), nil }})
	position := say(t, r, "lobby", "seen")
	say(t, r, "lobby", "1", "2")
	back, missed := comeBack(t, r, "lobby", position, 10)
	wantMissed(t, missed, true, "1", "2")
	if decoded != 2 {
		t.Errorf("decoded %d times, want once for each missed message", decoded)
	}
	back.Leave()
}
