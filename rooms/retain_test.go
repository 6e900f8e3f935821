package rooms_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/memlog"
)

var retaining = rooms.Options[string]{Latest: keyOf, Retain: true}

// Contract 9.11: whoever joins gets the newest of each key at once, and then what is said
// later. A room without members forgets.
func TestRetain(t *testing.T) {
	carriers(t, retaining, func(t *testing.T, r *rooms.Rooms[string], _ func() int) {
		say := func(messages ...string) {
			for _, msg := range messages {
				if err := r.Broadcast("lobby", msg); err != nil {
					t.Errorf("Broadcast = %v, want no error", err)
				}
			}
		}
		say("a=0")
		ann := join(t, r, "lobby", 10, "ann")
		wantMessages(t, "the first", ann.got())
		say("a=1", "b=1", "x", "a=2", "c=1")
		ann.BroadcastOthers("b=2")
		for _, name := range []string{"bob", "cid"} {
			c := join(t, r, "lobby", 10, name)
			wantMessages(t, name, c.got(), "a=2", "c=1", "b=2")
			say("x")
			wantMessages(t, name, c.got(), "x")
			c.Leave()
		}
		other := join(t, r, "another", 10, "other")
		wantMessages(t, "a member of another room", other.got())
		ann.Leave()
		eve := join(t, r, "lobby", 10, "eve")
		wantMessages(t, "the next first", eve.got())
		eve.Leave()
		other.Leave()
	})
}

// Contract 9.11: what is kept comes in order before all that is said later, also to a
// member that is slow from the beginning; and a sender that is closed is found out.
func TestRetainForSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, removals := watched(retaining)
		r := rooms.New(o)
		ann := join(t, r, "lobby", 10, "ann")
		r.Broadcast("lobby", "a=1")
		r.Broadcast("lobby", "b=1")
		slow := join(t, r, "lobby", 1, "slow")
		synctest.Wait()
		r.Broadcast("lobby", "x")
		r.Broadcast("lobby", "b=2")
		for _, want := range []string{"a=1", "b=1", "x", "b=2"} {
			if got := <-slow.in; got != want {
				t.Errorf("slow got %s, want %s", got, want)
			}
			synctest.Wait()
		}
		closed := make(chan string)
		close(closed)
		if _, err := r.Join("lobby", closed, nil, "closed"); err != nil {
			t.Errorf("Join = %v, want no error", err)
		}
		if got, want := <-removals, (removal{"lobby", "closed", rooms.ErrSenderClosed}); got != want {
			t.Errorf("OnRemove(%v), want %v", got, want)
		}
		ann.Leave()
		slow.Leave()
	})
}

// Contract 9.11: a message that is too large to be kept drops only the older one of its
// key. One of half of BacklogBytes is kept.
func TestRetainLarge(t *testing.T) {
	r := rooms.New(&rooms.Options[string]{Latest: keyOf, Retain: true, BacklogBytes: 20})
	ann := join(t, r, "lobby", 10, "ann")
	for _, msg := range []string{"a=1", "b=1", "c=1", "b=" + strings.Repeat("2", 9)} {
		r.Broadcast("lobby", msg)
	}
	wantMessages(t, "who joins", join(t, r, "lobby", 10, "bob").got(), "a=1", "c=1")
	half := "b=" + strings.Repeat("3", 8)
	r.Broadcast("lobby", half)
	wantMessages(t, "who joins later", join(t, r, "lobby", 10, "cid").got(), half)
	if got := len(ann.got()); got != 5 {
		t.Errorf("who was there got %d messages, want 5", got)
	}
}

// Contract 9.11: nobody is removed because of what a room keeps.
func TestRetainIsBounded(t *testing.T) {
	tests := []struct {
		name    string
		options rooms.Options[string]
		keys    int
		want    int
	}{
		{name: "messages", options: rooms.Options[string]{Backlog: 20}, keys: 1000, want: 10},
		{name: "bytes", options: rooms.Options[string]{BacklogBytes: 50}, keys: 1000, want: 5},
		{name: "too large for any", options: rooms.Options[string]{BacklogBytes: 9}, keys: 10},
		{name: "default", keys: 10_000, want: 4096},
		{name: "off", options: rooms.Options[string]{Backlog: -1, BacklogBytes: -1}, keys: 10_000,
			want: 10_000},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.options.Latest, test.options.Retain = keyOf, true
				r := rooms.New(&test.options)
				ann := join(t, r, "lobby", 10_000, "ann")
				var want []string
				for key := range test.keys {
					msg := fmt.Sprintf("%04d=", key)
					r.Broadcast("lobby", msg)
					want = append(want, msg)
				}
				bob := join(t, r, "lobby", 0, "bob")
				synctest.Wait()
				r.Broadcast("lobby", "")
				if got := r.Len("lobby"); got != 2 {
					t.Errorf("%d members, want both", got)
				}
				var got []string
				for msg := ""; ; got = append(got, msg) {
					if msg = <-bob.in; msg == "" {
						break
					}
				}
				wantMessages(t, "bob", got, want[len(want)-test.want:]...)
				ann.Leave()
				bob.Leave()
			})
		})
	}
}

func TestRetainMisuse(t *testing.T) {
	got := recovered(&rooms.Options[string]{Retain: true})
	if !strings.HasPrefix(got, "rooms: Options.Retain") {
		t.Errorf("New panics with %q, want Options.Retain", got)
	}
}

// Contract 9.11: each process keeps what it has heard, and nothing of before a pause in
// which it did not listen.
func TestRetainAcross(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFakeBroker(t)
		o := retaining
		o.Broker = b
		r := rooms.New(&o)
		ann := join(t, r, "lobby", 10, "ann")
		hear := b.receiver("lobby")
		hear(fromElsewhere(0, 1, "a=1"), nil)
		hear(fromElsewhere(0, 2, "b=1"), nil)
		bob := join(t, r, "lobby", 10, "bob")
		wantMessages(t, "bob", bob.got(), "a=1", "b=1")
		bob.Leave()

		b.block, b.begun = make(chan struct{}), make(chan struct{})
		go ann.Leave()
		<-b.begun
		late := make(chan *client[string])
		go func() { late <- join(t, r, "lobby", 10, "late") }()
		synctest.Wait() // it has joined, and waits for the room to unsubscribe
		b.block <- struct{}{}
		<-b.begun
		b.block <- struct{}{}
		cid := <-late
		dan := join(t, r, "lobby", 10, "dan")
		wantMessages(t, "who joins after a pause", dan.got())
		b.block = nil
		cid.Leave()
		dan.Leave()
	})
}

// Contract 9.11: after a gap a room keeps nothing of before.
func TestRetainAfterGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newFakeLog()
		l.Log = memlog.New(2, time.Hour)
		r, _ := onLog(l, retaining)
		keeper := join(t, r, "lobby", 10, "keeper")
		say(t, r, "lobby", "a=1", "b=1")
		l.set(true, nil)
		say(t, r, "lobby", "b=2", "x", "y", "z")
		l.set(false, nil)
		l.receive(rooms.News{})
		eve := join(t, r, "lobby", 10, "eve")
		synctest.Wait()
		if code := keeper.code(); code != 1013 {
			t.Fatalf("code = %d, want 1013 after the gap", code)
		}
		eve.Leave()
		next := join(t, r, "lobby", 10, "next")
		wantMessages(t, "who joins after the gap", next.got())
		say(t, r, "lobby", "c=1")
		synctest.Wait()
		last := join(t, r, "lobby", 10, "last")
		wantMessages(t, "the last", last.got(), "c=1")
		next.Leave()
		last.Leave()
	})
}

// pagedLog gives its entries in pages of so many at most.
type pagedLog struct {
	rooms.Log
	most int
}

func (l pagedLog) Read(ctx context.Context, room string, after rooms.Place) (rooms.Page, error) {
	page, err := l.Log.Read(ctx, room, after)
	if len(page.Entries) > l.most {
		page.Entries, page.More = page.Entries[:l.most], true
	}
	return page, err
}

// Contract 9.11: what was missed is reduced to the newest of each key, in all pages, and
// the limits count the rest.
func TestMissedIsReduced(t *testing.T) {
	tests := []struct {
		name     string
		missed   string
		backlog  int
		bad      string // cannot be decoded
		want     string
		complete bool
	}{
		{name: "nothing", complete: true},
		{name: "one key", missed: "a=1 a=2 a=3 a=4 a=5", want: "a=5", complete: true},
		{name: "in order", missed: "a=1 b=1 x a=2 y", want: "b=1 x a=2 y", complete: true},
		{name: "as many as fit", missed: "a=1 b=1 c=1 a=2 b=2 c=2 a=3", backlog: 3,
			want: "b=2 c=2 a=3", complete: true},
		{name: "too many", missed: "a=1 b=1 c=1 d=1 b=2", backlog: 3, want: "c=1 d=1 b=2"},
		{name: "bad", missed: "a=1 b=1 a=2", bad: "a=2", want: "a=1 b=1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bad := ""
			o := rooms.Options[string]{Latest: keyOf, Retain: true, Backlog: test.backlog,
				Decode: func(b []byte) (string, error) {
					msg := string(b)
					clear(b) // the data is Decode's
					if msg == bad {
						return "", fmt.Errorf("bad")
					}
					return msg, nil
				}}
			r, errs := onLog(pagedLog{memlog.New(50, time.Hour), 2}, o)
			keeper := join(t, r, "lobby", 50, "keeper")
			defer keeper.Leave()
			position := say(t, r, "lobby", "z=1")
			say(t, r, "lobby", strings.Fields(test.missed)...)
			bad = test.bad
			back, missed := comeBack(t, r, "lobby", position, 50)
			defer back.Leave()
			wantMissed(t, missed, test.complete, strings.Fields(test.want)...)
			back.Start()
			wantMessages(t, "who is back", back.got())
			if bad != "" && len(errs) != 1 {
				t.Errorf("OnError was called %d times, want once", len(errs))
			}
			for _, said := range missed.Messages {
				if !slices.Contains(strings.Fields(test.missed), said.Value) || said.Position == "" {
					t.Errorf("missed %+v, want a message with its position", said)
				}
			}
		})
	}
}

// Contract 9.11, 9.10: what is said before Start is replaced, too, and nothing that was
// kept comes besides what was missed.
func TestHeldIsReduced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := retaining
		o.Backlog = 4 // the room keeps two
		r, _ := onLog(nil, o)
		keeper := join(t, r, "lobby", 50, "keeper")
		position := say(t, r, "lobby", "b=1", "a=1", "a=2")
		back, missed := comeBack(t, r, "lobby", position, 0)
		wantMissed(t, missed, true)
		say(t, r, "lobby", "a=3", "x", "a=4", "a=5", "a=6", "a=7")
		back.Start()
		for _, want := range []string{"x", "a=7"} {
			if got := <-back.in; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		keeper.Leave()
		back.Leave()
	})
}

// Contract 9.10: a message has its key before Stamp changes it.
func TestStampedKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := retaining
		o.Stamp = func(msg, _ string) string { return strings.Replace(msg, "=", " is ", 1) }
		r, _ := onLog(nil, o)
		slow := join(t, r, "lobby", 0, "slow")
		position := say(t, r, "lobby", "x")
		synctest.Wait()
		say(t, r, "lobby", "a=1", "a=2")
		back, missed := comeBack(t, r, "lobby", position, 1)
		wantMissed(t, missed, true, "a is 2")
		for _, want := range []string{"x", "a is 2"} {
			if got := <-slow.in; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		next := join(t, r, "lobby", 1, "next")
		wantMessages(t, "who joins", next.got(), "a is 2")
		next.Leave()
		back.Leave()
		slow.Leave()
	})
}
