package logtest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/suite"
)

// patience is how long the suite waits before it calls something missing. It is never
// waited for in a test that passes. The suite's own tests have less.
var patience = 20 * time.Second

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func appendTo(t *testing.T, l rooms.Log, room, id, data string) rooms.Place {
	t.Helper()
	place, err := l.Append(soon(t), room, id, []byte(data))
	if err != nil {
		t.Fatalf("Append(%.20q, %.20q) = %v, want no error", room, id, err)
	}
	return place
}

// fill appends n entries, which say their number.
func fill(t *testing.T, l rooms.Log, room string, n int) (all []rooms.Entry) {
	t.Helper()
	for i := range n {
		data := fmt.Sprint(i)
		all = append(all, rooms.Entry{Place: appendTo(t, l, room, data, data), Data: []byte(data)})
	}
	return all
}

// appendAgain appends an entry, which says its id, to a store that may still be away.
func appendAgain(t *testing.T, l rooms.Log, room, id string) (e rooms.Entry) {
	t.Helper()
	eventually(t, "the log takes entries again", func() bool {
		var err error
		e.Data = []byte(id)
		e.Place, err = l.Append(soon(t), room, id, e.Data)
		return err == nil
	})
	return e
}

// read returns all that is after a place.
func read(t *testing.T, l rooms.Log, room string, after rooms.Place) (
	all []rooms.Entry, whole bool,
) {
	t.Helper()
	whole = true
	for {
		page, err := l.Read(soon(t), room, after)
		if err != nil {
			t.Fatalf("Read(%.20q, %v) = %v, want no error", room, after, err)
		}
		all, whole = append(all, page.Entries...), whole && page.Whole
		if !page.More {
			return all, whole
		}
		if len(page.Entries) == 0 {
			t.Fatalf("Read(%.20q, %v) = no entries and more, want some", room, after)
		}
		after = page.Entries[len(page.Entries)-1].Place
	}
}

func wantRead(
	t *testing.T, l rooms.Log, room string, after rooms.Place, whole bool, want []rooms.Entry,
) {
	t.Helper()
	got, gotWhole := read(t, l, room, after)
	if !same(got, want) || gotWhole != whole {
		t.Errorf("Read(%.20q, %v) = %s, whole %v, want %s, whole %v",
			room, after, texts(got), gotWhole, texts(want), whole)
	}
}

func same(a, b []rooms.Entry) bool {
	return slices.EqualFunc(a, b, func(a, b rooms.Entry) bool {
		return a.Place == b.Place && string(a.Data) == string(b.Data)
	})
}

func texts(entries []rooms.Entry) string {
	var all []string
	for _, e := range entries {
		all = append(all, fmt.Sprintf("%v %.20q", e.Place, e.Data))
	}
	return fmt.Sprintf("%d %.300q", len(all), all)
}

// eventually waits for what happens without an event.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	suite.Eventually(t, patience, what, done)
}
