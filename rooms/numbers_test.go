package rooms_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
)

// arrival is a message of another process; see fromElsewhere. The text is the number, and
// empty if last is set.
type arrival struct {
	start, n int
	last     bool
}

// Contract 10.8: each gap is told once, with its size, and what is late is dropped.
func TestMissed(t *testing.T) {
	n := func(numbers ...int) (all []arrival) {
		for _, n := range numbers {
			all = append(all, arrival{n: n})
		}
		return all
	}
	tests := []struct {
		name     string
		arrivals []arrival
		late     []int // the places of arrivals that no member gets
		want     []int // the sizes of the gaps
	}{
		{name: "all", arrivals: n(1, 2, 3)},
		{name: "from the middle on", arrivals: n(7, 8)},
		{name: "a gap", arrivals: n(1, 3), want: []int{1}},
		{name: "a wide gap, once", arrivals: n(1, 9, 10, 11), want: []int{7}},
		{name: "two gaps", arrivals: n(1, 3, 5), want: []int{1, 1}},
		{name: "twice", arrivals: n(1, 2, 2, 1, 3), late: []int{2, 3}},
		{name: "out of order", arrivals: n(1, 3, 2, 4), late: []int{2}, want: []int{1}},
		{name: "the last", arrivals: append(n(1), arrival{n: 4, last: true}), want: []int{3}},
		{name: "nothing at the end", arrivals: append(n(1, 2), arrival{n: 2, last: true})},
		{name: "out of order from the first on", arrivals: n(2, 1, 3), late: []int{1},
			want: []int{1}},
		{name: "first only the end, too early", late: []int{1, 2}, want: []int{1, 1},
			arrivals: append([]arrival{{n: 2, last: true}}, n(1, 2, 3)...)},
		{name: "the end twice", arrivals: append(n(1), arrival{n: 2, last: true},
			arrival{n: 2, last: true}), want: []int{1}},
		{name: "first only the end", arrivals: append([]arrival{{n: 4, last: true}}, n(6)...),
			want: []int{1}},
		{name: "begun anew", arrivals: append(n(1, 2), arrival{start: 9, n: 1})},
		{name: "begun anew, with a gap", arrivals: append(n(1, 2), arrival{start: 9, n: 3}),
			want: []int{2}},
		{name: "begun anew, and a late one of before", late: []int{2}, want: []int{1},
			arrivals: append(n(1), arrival{start: 9, n: 1}, arrival{n: 2})},
		{name: "begun anew, and a late one of just before", late: []int{2}, want: []int{1},
			arrivals: append(n(1), arrival{start: 9, n: 1}, arrival{n: 9})},
		{name: "begun anew just after, and one of before twice", late: []int{3},
			arrivals: append(n(1, 2), arrival{start: 2, n: 1}, arrival{n: 2})},
		{name: "a late end of before", arrivals: append(n(6), arrival{n: 5, last: true})},
		{name: "a late one of before", late: []int{1}, want: []int{1},
			arrivals: append([]arrival{{start: 9, n: 1}}, n(2)...)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newFakeBroker(t)
			o, errs := withErrors(rooms.Options[string]{Broker: b})
			r := rooms.New(o)
			ann := join(t, r, "lobby", 100, "ann")
			var want []string
			for i, a := range test.arrivals {
				text := ""
				if !a.last {
					text = fmt.Sprint(a.n)
				}
				if !a.last && !slices.Contains(test.late, i) {
					want = append(want, text)
				}
				b.receiver("lobby")(fromElsewhere(a.start, a.n, text), nil)
			}
			wantMessages(t, "ann", ann.got(), want...)
			wantMissing(t, errs, test.want...)
			ann.Leave()
			join(t, r, "lobby", 100, "ann")
			b.receiver("lobby")(fromElsewhere(0, 100, "after a pause"), nil)
			wantMissing(t, errs)
		})
	}
}

// wantMissing compares the sizes of the gaps that were told.
func wantMissing(t *testing.T, errs <-chan error, want ...int) {
	t.Helper()
	var got []int
	for len(errs) > 0 {
		err := <-errs
		var n int
		text := err.Error()
		fmt.Sscan(text[strings.LastIndex(text, " ")+1:], &n)
		if !errors.Is(err, rooms.ErrMissed) || !strings.Contains(text, `"lobby"`) {
			t.Errorf("OnError(%v), want %v, and the room", err, rooms.ErrMissed)
		}
		got = append(got, n)
	}
	if !slices.Equal(got, want) {
		t.Errorf("told that %v are missing, want %v", got, want)
	}
}

// losing loses what it is told to.
type losing struct {
	rooms.Broker
	lose int // how many messages from now on
}

func (b *losing) Publish(room string, data []byte) error {
	if b.lose > 0 {
		b.lose--
		return nil
	}
	return b.Broker.Publish(room, data)
}

// Contract 10.8: the last messages before a silence are told, too, and nobody else.
func TestMissedLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var network brokertest.Memory
		b := &losing{Broker: network.Broker()}
		near, nearErrs := withErrors(rooms.Options[string]{Broker: b})
		far, farErrs := withErrors(rooms.Options[string]{Broker: network.Broker()})
		speaking, hearing := rooms.New(near), rooms.New(far)
		ann := join(t, hearing, "lobby", 10, "ann")
		speaking.Broadcast("lobby", "a")
		b.lose = 3
		for range 3 {
			speaking.Broadcast("lobby", "lost")
		}
		time.Sleep(4 * time.Second)
		synctest.Wait()
		wantMissing(t, farErrs, 3)
		speaking.Broadcast("lobby", "b")
		time.Sleep(time.Minute)
		wantMissing(t, farErrs)
		wantMissing(t, nearErrs)
		wantMessages(t, "ann", ann.got(), "a", "b")
		ann.Leave()
	})
}

// Contract 10.8: after a burst the number is said once, whether there are members or not;
// during one, and later, it is not.
func TestNumberIsSaidOnce(t *testing.T) {
	for _, members := range []int{0, 1} {
		synctest.Test(t, func(t *testing.T) {
			b := newFakeBroker(t)
			r := rooms.New(&rooms.Options[string]{Broker: b})
			for i := range members {
				join(t, r, "lobby", 100, i)
			}
			var want []string
			for range 2 {
				for range 40 {
					r.Broadcast("lobby", "x")
					want = append(want, "x")
					time.Sleep(time.Second / 4)
				}
				time.Sleep(4 * time.Second)
				synctest.Wait()
				want = append(want, "number")
				b.wantPublished(want...)
				time.Sleep(time.Hour)
			}
			b.wantPublished(want...)
		})
	}
}

// Contract 10.8: what is said while the number is being said has its turn as well.
func TestNumberIsSaidAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFakeBroker(t)
		r := rooms.New(&rooms.Options[string]{Broker: b})
		b.stall = make(chan struct{}, 1)
		b.stall <- struct{}{} // for the first
		r.Broadcast("lobby", "x")
		time.Sleep(2500 * time.Millisecond)
		go r.Broadcast("lobby", "y")
		synctest.Wait()
		close(b.stall)
		time.Sleep(time.Minute)
		b.wantPublished("x", "number", "y", "number")
	})
}

// Contract 10.8: an outage makes the number be said once more, as soon as that is
// possible; but not in a room in which nothing was said.
func TestNumberAfterOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFakeBroker(t)
		o, errs := withErrors(rooms.Options[string]{Broker: b})
		r := rooms.New(o)
		ann, bob := join(t, r, "lobby", 10, "ann"), join(t, r, "silent", 10, "bob")
		r.Broadcast("lobby", "x")
		time.Sleep(time.Minute)
		b.failing.Store(true)
		b.receiver("lobby")(nil, errBroken)
		b.receiver("silent")(nil, errBroken)
		time.Sleep(time.Minute)
		b.wantPublished("x", "number")
		b.failing.Store(false)
		time.Sleep(time.Minute)
		b.wantPublished("x", "number", "number")
		b.receiver("lobby")(nil, errBroken)
		b.receiver("lobby")(nil, errBroken)
		time.Sleep(time.Hour)
		b.wantPublished("x", "number", "number", "number")
		if len(errs) != 4 {
			t.Errorf("OnError was told %d times, want 4: no number is an error", len(errs))
		}
		ann.Leave()
		bob.Leave()
	})
}

// lameBroker takes half a second to publish.
type lameBroker struct{ *fakeBroker }

func (b lameBroker) Publish(room string, data []byte) error {
	time.Sleep(500 * time.Millisecond)
	return b.fakeBroker.Publish(room, data)
}

// Contract 10.8: what happens while the number is said, an outage or a message, makes it
// be said once more.
func TestNumberWhileItIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := lameBroker{newFakeBroker(t)}
		r := rooms.New(&rooms.Options[string]{Broker: b})
		ann := join(t, r, "lobby", 10, "ann")
		r.Broadcast("lobby", "x")
		time.Sleep(1700 * time.Millisecond) // it is being said
		b.receiver("lobby")(nil, errBroken)
		time.Sleep(time.Minute)
		b.wantPublished("x", "number", "number")
		ann.Leave()
		b.failing.Store(true)
		r.Broadcast("lobby", "lost")
		time.Sleep(3 * time.Second) // the next pause is longer
		b.failing.Store(false)
		time.Sleep(3200 * time.Millisecond)
		r.Broadcast("lobby", "y")
		time.Sleep(time.Minute)
		b.wantPublished("x", "number", "number", "number", "y", "number")
	})
}

// Contract 10.8: the numbers of a room go on as long as it has members, and for an hour.
// Then they begin anew after those that were given, and nothing is kept. Who hears both
// misses nothing.
func TestTallies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFakeBroker(t)
		r := rooms.New(&rooms.Options[string]{Broker: b})
		wantNumber := func(start, n uint64) {
			t.Helper()
			r.Broadcast("lobby", "x")
			b.mu.Lock()
			last := b.published[len(b.published)-1]
			b.mu.Unlock()
			if gotStart, got, _ := parse(last); gotStart != start || got != n {
				t.Errorf("number %d after %d, want %d after %d", got, gotStart, n, start)
			}
		}
		const long = time.Hour + time.Minute
		wantNumber(0, 1)
		time.Sleep(long)
		wantNumber(1, 1)
		ann := join(t, r, "lobby", 10, "ann")
		time.Sleep(long)
		wantNumber(1, 2)
		time.Sleep(long)
		wantNumber(1, 3)
		ann.Leave()
		wantNumber(1, 4)
		time.Sleep(long)
		wantNumber(5, 1)
		time.Sleep(59 * time.Minute)
		wantNumber(5, 2)
		time.Sleep(time.Minute)
		join(t, r, "lobby", 10, "ann").Leave()
		wantNumber(5, 3)
		time.Sleep(long)
		join(t, r, "lobby", 10, "ann").Leave()
		join(t, r, "lobby", 10, "ann").Leave()
		b.failing.Store(true) // it cannot be subscribed
		join(t, r, "lobby", 10, "ann").Leave()
		if got := rooms.Tallies(r); got != 0 {
			t.Errorf("%d rooms have a tally, want none", got)
		}
		r.Broadcast("lobby", "x") // its number is not said for ever
		time.Sleep(3 * time.Hour)
		if got := rooms.Tallies(r); got != 0 {
			t.Errorf("%d rooms have a tally after an outage of hours, want none", got)
		}
	})
}

// Contract 10.8: a process that has no members in a room remembers its number, too, so
// that the next message tells what was lost. It does so for a limited number of rooms.
func TestTalliesRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var network brokertest.Memory
		b := &losing{Broker: network.Broker()}
		far, errs := withErrors(rooms.Options[string]{Broker: network.Broker()})
		speaking, hearing := rooms.New(&rooms.Options[string]{Broker: b}), rooms.New(far)
		ann := join(t, hearing, "lobby", 10, "ann")
		speaking.Broadcast("lobby", "a")
		time.Sleep(time.Minute)
		synctest.Wait()
		b.lose = 2 // the number as well
		speaking.Broadcast("lobby", "lost")
		time.Sleep(time.Minute)
		wantMissing(t, errs)
		speaking.Broadcast("lobby", "b")
		wantMessages(t, "ann", ann.got(), "a", "b")
		wantMissing(t, errs, 1)
		ann.Leave()
		for i := range 5000 {
			speaking.Broadcast(fmt.Sprint(i), "x")
		}
		time.Sleep(time.Minute)
		if got := rooms.Tallies(speaking); got != 1024 {
			t.Errorf("%d rooms have a tally, want 1024", got)
		}
		time.Sleep(time.Hour)
		if got := rooms.Tallies(speaking); got != 0 {
			t.Errorf("%d rooms have a tally after an hour, want none", got)
		}
	})
}
