package presence_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/goroutines"
	"github.com/beatrichartz/martini-sockets/rooms/presence"
)

// Contract 12.1, without a broker: it starts no goroutine.
func TestPresenceAlone(t *testing.T) {
	p := presence.New[string](nil)
	defer p.Close()
	ann := enter(t, p, "lobby", "ann", "1")
	enter(t, p, "lobby", "bob", "2")
	again := enter(t, p, "lobby", "ann", "3")
	enter(t, p, "attic", "bob", "4")
	wantList(t, "it", p, "lobby", "ann=1,3 bob=2")
	if got := p.Len("lobby"); got != 2 {
		t.Errorf("Len = %d, want 2: two people, with three visits", got)
	}
	if got := slices.Sorted(slices.Values(p.Names())); !slices.Equal(got, []string{"attic", "lobby"}) {
		t.Errorf("Names = %q, want attic and lobby", got)
	}
	if err := again.Update("5"); err != nil {
		t.Errorf("Update = %v, want no error", err)
	}
	ann.Leave()
	ann.Leave()
	wantList(t, "it", p, "lobby", "bob=2 ann=5")
	again.Leave()
	wantList(t, "it", p, "lobby", "bob=2")
	wantList(t, "it", p, "nowhere", "")
	if got := goroutines.Count(); got != 0 {
		t.Errorf("%d goroutines, want none", got)
	}
}

// Contract 12.1: any string is a room and a key.
func TestPresenceNames(t *testing.T) {
	p := presence.New[string](nil)
	defer p.Close()
	names := []string{"", " ", ".", "a.b", "*", ">", "\x00", "\xff\xfe", "é", "e\u0301"}
	for _, name := range names {
		enter(t, p, name, name, name)
	}
	for _, name := range names {
		wantList(t, "it", p, name, name+"="+name)
	}
}

// Contract 12.1: Stats counts each person once in each room, and no room that is empty.
func TestPresenceStats(t *testing.T) {
	p := presence.New[string](nil)
	want := func(when string, want presence.Stats) {
		t.Helper()
		if got := p.Stats(); got != want {
			t.Errorf("%s: Stats() = %+v, want %+v", when, got, want)
		}
	}
	want("at first", presence.Stats{})
	ann := enter(t, p, "lobby", "ann", "")
	enter(t, p, "lobby", "ann", "again")
	enter(t, p, "lobby", "bob", "")
	kitchen := enter(t, p, "kitchen", "ann", "")
	want("entered", presence.Stats{Rooms: 2, People: 3})
	kitchen.Leave()
	ann.Leave()
	want("left", presence.Stats{Rooms: 1, People: 2})
	p.Close()
	want("closed", presence.Stats{})
}

// Who came first comes first, and has the name, even at the same instant.
func TestPresenceOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := presence.New[string](nil)
		defer p.Close()
		first := enter(t, p, "lobby", "ann", "1")
		for value := range 11 { // so many that the order of the IDs as text is another
			enter(t, p, "lobby", "ann", fmt.Sprint(value+2))
		}
		held := p.Find("lobby", "ann")
		if values(held) != "1,2,3,4,5,6,7,8,9,10,11,12" || held[0].ID != first.ID() {
			t.Errorf("Find = %v, want 1 to 12", held)
		}
		if err := first.Update("5"); err != nil {
			t.Errorf("Update = %v, want no error", err)
		}
		time.Sleep(time.Second)
		enter(t, p, "lobby", "bob", "6")
		wantList(t, "it", p, "lobby", "ann=5,2,3,4,5,6,7,8,9,10,11,12 bob=6")
		first.Leave()
		wantList(t, "it", p, "lobby", "ann=2,3,4,5,6,7,8,9,10,11,12 bob=6")
	})
}

// A list that was handed out does not change any more.
func TestPresenceListIsACopy(t *testing.T) {
	p := presence.New[string](nil)
	defer p.Close()
	ann := enter(t, p, "lobby", "ann", "1")
	enter(t, p, "lobby", "ann", "2")
	list, held := p.List("lobby"), p.Find("lobby", "ann")
	if err := ann.Update("3"); err != nil {
		t.Errorf("Update = %v, want no error", err)
	}
	ann.Leave()
	if got := listed(list); got != "ann=1,2" || values(held) != "1,2" {
		t.Errorf("the old list is %q, %q now, want what it was", got, values(held))
	}
}

func TestPresenceErrors(t *testing.T) {
	p := presence.New(&presence.Options[string]{MaxVisits: 2, MaxVisitSize: 10})
	tests := []struct {
		name      string
		room, key string
		want      error
	}{
		{name: "fits", room: "12345", key: "12345"},
		{name: "too long", room: "12345", key: "123456", want: presence.ErrVisitTooLarge},
		{name: "the last", room: "a", key: "b"},
		{name: "one too many", room: "a", key: "b", want: presence.ErrFull},
	}
	var last *presence.Visitor[string]
	for _, test := range tests {
		v, err := p.Enter(test.room, test.key, "value")
		if !errors.Is(err, test.want) || (v == nil) != (test.want != nil) {
			t.Errorf("%s: Enter = %v, %v, want %v", test.name, v, err, test.want)
		}
		if v != nil {
			last = v
		}
	}
	last.Leave()
	if err := last.Update("x"); err != presence.ErrVisitorLeft {
		t.Errorf("Update after Leave = %v, want %v", err, presence.ErrVisitorLeft)
	}
	enter(t, p, "a", "b", "there is room again")
}

// After Close everything is empty, and nothing panics.
func TestPresenceClosed(t *testing.T) {
	p := presence.New[string](nil)
	ann := enter(t, p, "lobby", "ann", "1")
	p.Close()
	p.Close()
	if _, err := p.Enter("lobby", "bob", "2"); err != presence.ErrClosed {
		t.Errorf("Enter after Close = %v, want %v", err, presence.ErrClosed)
	}
	if err := ann.Update("3"); err != presence.ErrClosed {
		t.Errorf("Update after Close = %v, want %v", err, presence.ErrClosed)
	}
	ann.Leave()
	wantList(t, "it", p, "lobby", "")
	if n := p.Len("lobby") + len(p.Names()) + len(p.Find("lobby", "ann")); n != 0 {
		t.Errorf("after Close there are %d things, want none", n)
	}
}

func TestOptionsMistakes(t *testing.T) {
	tests := []struct {
		name string
		make func()
		want string
	}{
		{
			name: "beat",
			make: func() { presence.New(&presence.Options[string]{Beat: -1}) },
			want: "rooms: Options.Beat -1ns",
		},
		{
			name: "codec",
			make: func() {
				presence.New(&presence.Options[struct{ hidden int }]{Broker: &slowBroker{}})
			},
			want: "rooms: Options.Encode",
		},
	}
	for _, test := range tests {
		func() {
			defer func() {
				if got, _ := recover().(string); !strings.HasPrefix(got, test.want) {
					t.Errorf("%s: New panics with %q, want %q", test.name, got, test.want)
				}
			}()
			test.make()
		}()
	}
}
