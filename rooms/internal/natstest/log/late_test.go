package log_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/proxy"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// waitLater is longer than what a late message is forgiven: the clocks of servers differ.
const waitLater = 2500 * time.Millisecond

// Contract 11.2: a message that a stalled network delivers after its sender was told that
// it had failed is not seen by anybody. Said again with the same id it is seen once.
func TestLate(t *testing.T) {
	t.Parallel()
	s := startNATS(t)
	p := proxy.New(t, s)
	stalled := readyLog(t, natstest.Connect(t, p.Address()), nil)
	l := newLog(t, s, natsrooms.LogOptions{})
	news := make(chan rooms.News, 100)
	start, err := l.Follow(t.Context(), "room", func(n rooms.News) { news <- n })
	if err != nil {
		t.Fatalf("Follow = %v, want no error", err)
	}
	// Or it would append only once it knows the end of the room.
	if _, err := stalled.Follow(t.Context(), "room", func(rooms.News) {}); err != nil {
		t.Fatalf("Follow = %v, want no error", err)
	}
	before := kept(t, s)
	p.Stall()
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err = stalled.Append(ctx, "room", "id", []byte("late"))
	if !errors.Is(err, rooms.ErrUncertain) {
		t.Errorf("Append = %v, want %v", err, rooms.ErrUncertain)
	}
	// Real time: the clocks are those of the server and of nats.go.
	<-time.After(time.Until(began.Add(waitLater)))
	p.GoOn()
	natstest.Eventually(t, "the message has arrived", func() bool {
		return kept(t, s) == before+1
	})

	if page, err := l.Read(t.Context(), "room", start); err != nil || len(said(page.Entries)) > 0 {
		t.Errorf("Read = %q, %v, want nothing", said(page.Entries), err)
	}
	first := appendTo(t, l, "room", "id", "again")
	if again := appendTo(t, l, "room", "id", "and again"); again != first {
		t.Errorf("Append again = %v, want %v as first", again, first)
	}
	page, err := l.Read(t.Context(), "room", rooms.Place{})
	if got := said(page.Entries); err != nil || len(got) != 1 || got[0] != "again" {
		t.Errorf("Read = %q, %v, want again", got, err)
	}
	if e := page.Entries[len(page.Entries)-1]; e.Place != first {
		t.Errorf("the entry is at %v, want %v as appended", e.Place, first)
	}
}

func said(entries []rooms.Entry) (all []string) {
	for _, e := range entries {
		if e.Data != nil {
			all = append(all, string(e.Data))
		}
	}
	return all
}

func appendTo(t testing.TB, l rooms.Log, room, id, data string) rooms.Place {
	t.Helper()
	place, err := l.Append(t.Context(), room, id, []byte(data))
	if err != nil {
		t.Fatalf("Append(%q, %q) = %v, want no error", room, id, err)
	}
	return place
}

// Contract 11.2: an answer that is lost with the connection is found out about, within
// the time that the caller has.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	s := startNATS(t)
	p := proxy.New(t, s)
	l := readyLog(t, natstest.Connect(t, p.Address()), nil)
	for i := range 5 {
		id := string(rune('a' + i))
		result := make(chan error, 1)
		p.Stall()
		go func() {
			_, err := l.Append(t.Context(), "room", id, []byte(id))
			result <- err
		}()
		<-time.After(20 * time.Millisecond) // whether the message is on its way does not matter
		p.Cut()
		p.GoOn()
		select {
		case err := <-result:
			if err != nil && !errors.Is(err, rooms.ErrUncertain) {
				natstest.Eventually(t, "the connection is back", func() bool {
					_, err := l.Append(t.Context(), "room", id, []byte(id))
					return err == nil
				})
			}
		case <-time.After(natstest.Patience):
			t.Fatal("Append hangs")
		}
		natstest.Eventually(t, "the id is appended", func() bool {
			_, err := l.Append(t.Context(), "room", id, []byte(id))
			return err == nil
		})
	}
	page, err := l.Read(t.Context(), "room", rooms.Place{})
	if got := said(page.Entries); err != nil || len(got) != 5 {
		t.Errorf("Read = %q, %v, want each of five once", got, err)
	}
}
