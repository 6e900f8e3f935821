package logtest

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/suite"
)

func testBytes(t *testing.T, s Store) {
	l := s.Connect(t)
	tail := follow(t, l, "room")
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	start := tail.at
	var want []rooms.Entry
	large := strings.Repeat("large ", 10_000)
	for i, data := range []string{"", "x", string(every), "line\r\nline", large} {
		place := appendTo(t, l, "room", fmt.Sprint(i), data)
		want = append(want, rooms.Entry{Place: place, Data: []byte(data)})
		if got := tail.want(t, data); got.Place != place {
			t.Errorf("followed at %v, want %v as appended", got.Place, place)
		}
	}
	got, _ := read(t, l, "room", start)
	for i, e := range got {
		if e.Data == nil {
			t.Errorf("entry %d has nil data, want it to say something", i)
		}
	}
	wantRead(t, l, "room", want[0].Place, true, want[1:])
}

// testOwnership: the caller of Append may use its buffer again, and the caller of Read
// may write to what it got.
func testOwnership(t *testing.T, s Store) {
	l := s.Connect(t)
	tail := follow(t, l, "room")
	buffer := []byte("as it was")
	for i := range 3 {
		place, err := l.Append(soon(t), "room", fmt.Sprint(i), buffer)
		if err != nil {
			t.Fatalf("Append = %v, want no error", err)
		}
		kept := bytes.Clone(buffer)
		clear(buffer)
		clear(tail.want(t, string(kept)).Data)
		for range 2 {
			all, _ := read(t, l, "room", rooms.Place{})
			if e := all[len(all)-1]; e.Place != place || string(e.Data) != string(kept) {
				t.Errorf("Read = %v %q, want %v %q", e.Place, e.Data, place, kept)
			}
			clear(all[len(all)-1].Data)
		}
		copy(buffer, kept)
	}
}

func testNames(t *testing.T, s Store) {
	l := s.Connect(t)
	var tails []*tail
	for _, name := range suite.Names() {
		tails = append(tails, follow(t, l, name))
	}
	for i, name := range suite.Names() {
		fill(t, l, name, 2)
		tails[i].want(t, "0")
		tails[i].want(t, "1")
	}
	for _, name := range suite.Names() {
		if all, _ := read(t, l, name, rooms.Place{}); len(all) != 2 {
			t.Errorf("room %.20q has %s, want 2", name, texts(all))
		}
	}
}

func testIDs(t *testing.T, s Store) {
	l := s.Connect(t)
	tail := follow(t, l, "room")
	places := make(map[rooms.Place]string)
	for round, want := range []string{"first", "again", "and again"} {
		for i, id := range suite.Names() {
			if round == 0 {
				place := appendTo(t, l, "room", id, id)
				if other, ok := places[place]; ok {
					t.Errorf("id %.20q is at %v, as id %.20q", id, place, other)
				}
				places[place] = id
				tail.want(t, id)
				continue
			}
			place := appendTo(t, l, "room", id, want)
			if got, ok := places[place]; !ok || got != id {
				t.Errorf("id %d %.20q again is at %v, the place of %.20q, want its own", i, id, place, got)
			}
		}
	}
	appendTo(t, l, "other", "a", "the same id in another room")
	if all, _ := read(t, l, "other", rooms.Place{}); len(all) != 1 {
		t.Errorf("the other room has %s, want one entry", texts(all))
	}
	appendTo(t, l, "room", "last", "last")
	tail.want(t, "last")
}

// testSameTime: a page says a message again while the first one is still on its way.
func testSameTime(t *testing.T, s Store) {
	logs := []rooms.Log{s.Connect(t), s.Connect(t)}
	for round := range 20 {
		places := make([]rooms.Place, 4)
		var wg sync.WaitGroup
		for i := range places {
			wg.Go(func() {
				id := fmt.Sprint(round)
				places[i], _ = logs[i%2].Append(soon(t), "room", id, []byte(id))
			})
		}
		wg.Wait()
		for _, p := range places {
			if p != places[0] || p.Seq == 0 {
				t.Errorf("one id, appended at the same time, is at %v, want one place", places)
			}
		}
	}
}

func testEnded(t *testing.T, s Store) {
	l := s.Connect(t)
	appendTo(t, l, "room", "before", "before")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if place, err := l.Append(ctx, "room", "id", []byte("ended")); err == nil {
		t.Errorf("Append with an ended context = %v, want an error", place)
	}
	appendTo(t, l, "room", "after", "after")
	if all, _ := read(t, l, "room", rooms.Place{}); len(all) != 2 {
		t.Errorf("the room has %s, want before and after", texts(all))
	}
}
