package log_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/proxy"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// edit changes a stream as its administrator may. The room has the entries 0 to 9.
type edit struct {
	name string
	do   func(ctx context.Context, s jetstream.Stream, change func(func(*jetstream.StreamConfig)))
	gone int // entries up to this one may be gone; a position before it is not complete
}

var edits = []edit{
	{name: "nothing", gone: -1,
		do: func(context.Context, jetstream.Stream, func(func(*jetstream.StreamConfig))) {}},
	{name: "a lower count for a while", gone: 8,
		do: func(_ context.Context, _ jetstream.Stream, change func(func(*jetstream.StreamConfig))) {
			change(func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject = 1 })
			change(func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject = 1000 })
		}},
	{name: "fewer messages for a while", gone: 6,
		do: func(_ context.Context, _ jetstream.Stream, change func(func(*jetstream.StreamConfig))) {
			change(func(c *jetstream.StreamConfig) { c.MaxMsgs = 3 })
			change(func(c *jetstream.StreamConfig) { c.MaxMsgs = -1 })
		}},
	{name: "all but some purged", gone: 5,
		do: func(ctx context.Context, s jetstream.Stream, _ func(func(*jetstream.StreamConfig))) {
			s.Purge(ctx, jetstream.WithPurgeSubject(subjectOf("room")), jetstream.WithPurgeKeep(4))
		}},
	{name: "all purged", gone: 10,
		do: func(ctx context.Context, s jetstream.Stream, _ func(func(*jetstream.StreamConfig))) {
			s.Purge(ctx, jetstream.WithPurgeSubject(subjectOf("room")))
		}},
	{name: "one deleted", gone: 4,
		do: func(ctx context.Context, s jetstream.Stream, _ func(func(*jetstream.StreamConfig))) {
			first := s.CachedInfo().State.FirstSeq
			s.DeleteMsg(ctx, first+4)
		}},
}

// Contract 11.3: "complete" is never wrong, whoever edits the stream. Not even for
// those who follow the room, or whose last entry is the one that is gone.
func TestEditedStream(t *testing.T) {
	t.Parallel()
	for _, edit := range edits {
		t.Run(edit.name, func(t *testing.T) {
			t.Parallel()
			s := startNATS(t)
			proxy := proxy.New(t, s)
			near := newLog(t, s, natsrooms.LogOptions{Count: 1000})
			far := readyLog(t, natstest.Connect(t, proxy.Address()), nil)
			var places []rooms.Place
			places = append(places, appendTo(t, near, "room", "0", "0"))
			if at, err := far.Follow(t.Context(), "room", func(rooms.News) {}); err != nil ||
				at != places[0] {
				t.Fatalf("Follow = %v, %v, want %v", at, err, places[0])
			}
			proxy.Refuse(true) // it misses the rest, and the edit
			for i := 1; i < 10; i++ {
				places = append(places, appendTo(t, near, "room", fmt.Sprint(i), fmt.Sprint(i)))
			}
			editStream(t, s, edit)
			places = append(places, appendTo(t, near, "room", "last", "last"))
			proxy.Refuse(false)
			for i, after := range places {
				wantProved(t, near, after, i >= edit.gone, len(places)-1-i)
				wantProved(t, far, after, i >= edit.gone, len(places)-1-i)
			}
		})
	}
}

func editStream(t *testing.T, s *natstest.Server, edit edit) {
	t.Helper()
	js, err := jetstream.New(s.Connect(t))
	if err != nil {
		t.Fatalf("jetstream.New = %v, want no error", err)
	}
	stream, err := js.Stream(t.Context(), "ROOMS")
	if err != nil {
		t.Fatalf("Stream = %v, want no error", err)
	}
	edit.do(t.Context(), stream, func(change func(*jetstream.StreamConfig)) {
		c := stream.CachedInfo().Config
		change(&c)
		if _, err := js.UpdateStream(t.Context(), c); err != nil {
			t.Fatalf("UpdateStream = %v, want no error", err)
		}
	})
}

// wantProved reads the room after a place. What is proved has to be all.
func wantProved(t *testing.T, l rooms.Log, after rooms.Place, may bool, n int) {
	t.Helper()
	var page rooms.Page
	natstest.Eventually(t, "the log can be read", func() (ok bool) {
		var err error
		page, err = l.Read(t.Context(), "room", after)
		return err == nil
	})
	switch {
	case page.Whole && !may:
		t.Errorf("Read(%v) = %q, whole, want not whole", after, said(page.Entries))
	case page.Whole && len(page.Entries) != n:
		t.Errorf("Read(%v) = %q, whole, want %d entries", after, said(page.Entries), n)
	case !page.Whole && may && n > 0:
		// The place of an entry that is gone may be unknown, but the one after it names
		// it.
		t.Errorf("Read(%v) = %q, not whole, want whole", after, said(page.Entries))
	}
}

// Contract 11.3: a message with a time to live of its own, and one that rolls up the
// others, are not of this package. Nobody takes what is left for complete.
func TestTimeToLive(t *testing.T) {
	t.Parallel()
	s := startNATS(t)
	l := newLog(t, s, natsrooms.LogOptions{})
	editStream(t, s, edit{do: func(
		_ context.Context, _ jetstream.Stream, change func(func(*jetstream.StreamConfig)),
	) {
		change(func(c *jetstream.StreamConfig) { c.AllowMsgTTL, c.AllowRollup = true, true })
	}})
	nc := s.Connect(t)
	publish := func(header, value string) {
		t.Helper()
		msg := nats.NewMsg(subjectOf("room"))
		msg.Header.Set(header, value)
		if answer, err := nc.RequestMsg(msg, natstest.Patience); err != nil {
			t.Fatalf("publish = %v, %v, want no error", answer, err)
		}
	}
	first := appendTo(t, l, "room", "1", "1")
	publish("Nats-TTL", "1s")
	second := appendTo(t, l, "room", "2", "2")
	wantProved(t, l, first, true, 2)
	natstest.Eventually(t, "the message is gone", func() bool {
		page, err := l.Read(t.Context(), "room", rooms.Place{})
		return err == nil && len(page.Entries) == 2
	})
	wantProved(t, l, first, false, 0)
	wantProved(t, l, second, true, 0)
	third := appendTo(t, l, "room", "3", "3")
	publish("Nats-Rollup", "sub")
	appendTo(t, l, "room", "4", "4")
	wantProved(t, l, second, false, 0)
	wantProved(t, l, third, false, 0)
}

// Contract 11.5: a room that keeps little, or keeps it for a short time, loses no
// member while nothing is missing, not even after an outage.
func TestSmallRooms(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		options natsrooms.LogOptions
		quiet   time.Duration
	}{
		{name: "one message", options: natsrooms.LogOptions{Count: 1}},
		{name: "some seconds", options: natsrooms.LogOptions{Age: 4 * time.Second},
			quiet: 5 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := startNATS(t)
			proxy := proxy.New(t, s)
			far := newProcess(t, readyLog(t, natstest.Connect(t, proxy.Address()), &test.options))
			near := newProcess(t, newLog(t, s, test.options))
			reader := far.join(t, "")
			for i := range 2 {
				<-time.After(test.quiet) // the server's clock is real
				proxy.Cut()
				text := fmt.Sprint("message ", i)
				near.must(t, text)
				natstest.Eventually(t, "the message comes, or the member is removed", func() bool {
					return len(reader.in) > 0 || len(far.removals) > 0
				})
				if len(far.removals) > 0 {
					break
				}
				reader.until(t, text)
			}
			if len(far.removals) > 0 {
				t.Errorf("the member was removed: %v", <-far.removals)
			}
			for len(far.errors) > 0 {
				if err := <-far.errors; errors.Is(err, rooms.ErrGap) {
					t.Errorf("OnError was told %v", err)
				}
			}
		})
	}
}
