package log_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/goroutines"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// Contract 11.5: a clear error, and nothing in the log.
func TestAppendErrors(t *testing.T) {
	t.Parallel()
	s := startNATS(t)
	l := newLog(t, s, natsrooms.LogOptions{Wait: 500 * time.Millisecond})
	_, err := l.Append(t.Context(), "room", "id", make([]byte, 2<<20))
	if !errors.Is(err, nats.ErrMaxPayload) || errors.Is(err, rooms.ErrUncertain) {
		t.Errorf("Append(too large) = %v, want %v and certainty", err, nats.ErrMaxPayload)
	}
	s.Stop()
	natstest.Eventually(t, "NATS is known to be away", func() bool {
		_, err = l.Append(t.Context(), "room", "id", []byte("away"))
		return errors.Is(err, nats.ErrDisconnected)
	})
	if errors.Is(err, rooms.ErrUncertain) {
		t.Errorf("Append while away = %v, want certainty", err)
	}
	if _, err := l.Read(t.Context(), "room", rooms.Place{}); !errors.Is(err, nats.ErrDisconnected) {
		t.Errorf("Read while away = %v, want %v", err, nats.ErrDisconnected)
	}
	_, err = l.Follow(t.Context(), "room", func(rooms.News) {})
	if !errors.Is(err, nats.ErrDisconnected) {
		t.Errorf("Follow while away = %v, want %v", err, nats.ErrDisconnected)
	}
	s.Start(t)
	natstest.Eventually(t, "NATS is back", func() bool {
		_, err := l.Append(t.Context(), "room", "back", []byte("back"))
		return err == nil
	})
	page, _ := l.Read(t.Context(), "room", rooms.Place{})
	if got := said(page.Entries); len(got) != 1 || got[0] != "back" {
		t.Errorf("the log has %.200q, want back", got)
	}
}

// Contract 11.5: the stream is gone. A provided one is not made anew; its own comes back.
func TestStreamGone(t *testing.T) {
	t.Parallel()
	for _, provided := range []bool{false, true} {
		t.Run(fmt.Sprint("provided ", provided), func(t *testing.T) {
			t.Parallel()
			s := startNATS(t)
			appendTo(t, newLog(t, s, natsrooms.LogOptions{}), "room", "old", "old")
			l := newLog(t, s, natsrooms.LogOptions{Provided: provided, Wait: 500 * time.Millisecond})
			js, _ := jetstream.New(s.Connect(t))
			if provided {
				if err := js.DeleteStream(t.Context(), "ROOMS"); err != nil {
					t.Fatalf("DeleteStream = %v, want no error", err)
				}
				// The other log, which is not told, would make it anew in five seconds.
				// On a busy machine the last try may end without an answer, uncertain.
				natstest.Eventually(t, "Append returns a certain error", func() bool {
					_, err := l.Append(t.Context(), "room", "gone", []byte("gone"))
					return err != nil && !errors.Is(err, rooms.ErrUncertain)
				})
				return
			}
			if err := js.DeleteStream(t.Context(), "ROOMS"); err != nil {
				t.Fatalf("DeleteStream = %v, want no error", err)
			}
			natstest.Eventually(t, "the stream is made anew", func() bool {
				_, err := l.Append(t.Context(), "room", "new", []byte("new"))
				return err == nil
			})
		})
	}
}

func TestNotALog(t *testing.T) {
	t.Parallel()
	s := startNATS(t)
	js, _ := jetstream.New(s.Connect(t))
	config := jetstream.StreamConfig{Name: "ROOMS", Subjects: []string{"other"}}
	_, err := js.CreateStream(t.Context(), config)
	if err != nil {
		t.Fatalf("CreateStream = %v, want no error", err)
	}
	l := natsrooms.NewLog(s.Connect(t), &natsrooms.LogOptions{Wait: 300 * time.Millisecond})
	t.Cleanup(l.Close)
	if _, err := l.Append(t.Context(), "room", "id", nil); !errors.Is(err, natsrooms.ErrStream) {
		t.Errorf("Append = %v, want %v", err, natsrooms.ErrStream)
	}
}

// Contract 11.6: whoever may publish to the subjects cannot harm those who read.
func TestStrangers(t *testing.T) {
	t.Parallel()
	s := startNATS(t)
	l := newLog(t, s, natsrooms.LogOptions{})
	news := make(chan rooms.News, 100)
	at, err := l.Follow(t.Context(), "", func(n rooms.News) { news <- n })
	if err != nil {
		t.Fatalf("Follow = %v, want no error", err)
	}
	appendTo(t, l, "", "first", "first")
	nc := s.Connect(t)
	for _, header := range []nats.Header{
		nil,
		{"Rooms-Tag": {"not a number"}, "Rooms-Until": {"never"}},
		{"Rooms-Tag": {"0"}, "Nats-Sequence": {"7"}, "Nats-Last-Sequence": {"1"}},
		{"Status": {"503"}, "Nats-Num-Pending": {"0"}},
		{"Status": {"404"}},
	} {
		for _, subject := range []string{"rooms.log.n", "rooms.live.n"} {
			msg := &nats.Msg{Subject: subject, Header: header, Data: []byte("x")}
			if err := nc.PublishMsg(msg); err != nil {
				t.Fatalf("PublishMsg = %v, want no error", err)
			}
		}
	}
	nc.Flush()
	last := appendTo(t, l, "", "last", "last")
	page, err := l.Read(t.Context(), "", at)
	if err != nil || len(page.Entries) < 2 || page.Entries[len(page.Entries)-1].Place != last {
		t.Fatalf("Read = %v, %v, want all, last at %v", page, err, last)
	}
	for i, e := range page.Entries {
		rest, err := l.Read(t.Context(), "", e.Place)
		if err != nil || !rest.Whole || len(rest.Entries) != len(page.Entries)-1-i {
			t.Errorf("Read(%v) = %v, %v, want the rest", e.Place, rest, err)
		}
	}
}

// What nats.go drops has to be read.
func TestSlowConsumer(t *testing.T) {
	t.Parallel()
	s := startNATS(t)
	l := newLog(t, s, natsrooms.LogOptions{Pending: 10, Count: 5000})
	var mu sync.Mutex
	var errs []error
	mu.Lock()
	var news []rooms.News
	if _, err := l.Follow(t.Context(), "room", func(n rooms.News) {
		mu.Lock()
		defer mu.Unlock()
		news = append(news, n)
		if n.Err != nil {
			errs = append(errs, n.Err)
		}
	}); err != nil {
		t.Fatalf("Follow = %v, want no error", err)
	}
	other := newLog(t, s, natsrooms.LogOptions{})
	for i := range 500 {
		appendTo(t, other, "room", fmt.Sprint(i), "x")
	}
	appendTo(t, l, "elsewhere", "1", "all has passed the connection")
	mu.Unlock()
	natstest.Eventually(t, "the follower is told", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(errs) > 0 && errors.Is(errs[0], nats.ErrSlowConsumer)
	})
}

// What is dropped is asked for while other rooms are being followed: only the race
// detector can see that going wrong.
func TestDropsDuringFollow(t *testing.T) {
	t.Parallel()
	s := startNATS(t)
	l := newLog(t, s, natsrooms.LogOptions{Pending: 1})
	other := newLog(t, s, natsrooms.LogOptions{})
	if _, err := l.Follow(t.Context(), "flood", func(rooms.News) {}); err != nil {
		t.Fatalf("Follow = %v, want no error", err)
	}
	done := make(chan struct{})
	var flood sync.WaitGroup
	flood.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
				other.Append(t.Context(), "flood", fmt.Sprint(i), []byte("x"))
			}
		}
	})
	for i := range 200 {
		room := fmt.Sprint("room ", i)
		if _, err := l.Follow(t.Context(), room, func(rooms.News) {}); err != nil {
			t.Errorf("Follow = %v, want no error", err)
		}
		if err := l.Unfollow(room); err != nil {
			t.Errorf("Unfollow = %v, want no error", err)
		}
	}
	close(done)
	flood.Wait()
}

// Contract 11.5, 9.6: nothing is left.
func TestClose(t *testing.T) {
	s := startNATS(t)
	l := natsrooms.NewLog(s.Connect(t), nil)
	ready(t, l)
	appendTo(t, l, "warm", "id", "up")
	base := s.Subscriptions()
	before := goroutines.Of("/natsrooms", "/internal/pool")
	for i := range 100 {
		room := fmt.Sprint(i)
		if _, err := l.Follow(t.Context(), room, func(rooms.News) {}); err != nil {
			t.Fatalf("Follow = %v, want no error", err)
		}
		appendTo(t, l, room, "id", "x")
		if _, err := l.Read(t.Context(), room, rooms.Place{}); err != nil {
			t.Fatalf("Read = %v, want no error", err)
		}
	}
	if got := goroutines.Of("/natsrooms", "/internal/pool"); got != before {
		t.Errorf("100 rooms take %d goroutines, want none", got-before)
	}
	natstest.Eventually(t, "a room has one subscription", func() bool {
		return s.Subscriptions() <= base+100
	})
	for i := range 50 {
		if err := l.Unfollow(fmt.Sprint(i)); err != nil {
			t.Errorf("Unfollow = %v, want no error", err)
		}
	}
	l.Close()
	l.Close()
	if got := goroutines.Of("/natsrooms", "/internal/pool"); got != 0 {
		t.Errorf("after Close there are %d goroutines, want none", got)
	}
	natstest.Eventually(t, "no subscription is left", func() bool {
		return s.Subscriptions() <= base
	})
	if _, err := l.Append(t.Context(), "room", "id", nil); !errors.Is(err, natsrooms.ErrClosed) {
		t.Errorf("Append after Close = %v, want %v", err, natsrooms.ErrClosed)
	}
	if _, err := l.Follow(context.Background(), "room", nil); !errors.Is(err, natsrooms.ErrClosed) {
		t.Errorf("Follow after Close = %v, want %v", err, natsrooms.ErrClosed)
	}
	if err := l.Unfollow("room"); err != nil {
		t.Errorf("Unfollow after Close = %v, want no error", err)
	}
}

// A batch that would be larger than an answer may be comes in parts.
func TestLargePages(t *testing.T) {
	t.Parallel()
	s := startNATS(t)
	l := newLog(t, s, natsrooms.LogOptions{})
	var first rooms.Place
	for i := range 12 {
		place := appendTo(t, l, "room", fmt.Sprint(i), strings.Repeat(fmt.Sprint(i%10), 900<<10))
		if i == 0 {
			first = place
		}
	}
	n, pages := 1, 0
	for at, more := first, true; more; pages++ {
		page, err := l.Read(t.Context(), "room", at)
		if err != nil || !page.Whole || len(page.Entries) == 0 {
			t.Fatalf("Read(%v) = %d entries, whole %v, %v", at, len(page.Entries), page.Whole, err)
		}
		n, more = n+len(page.Entries), page.More
		at = page.Entries[len(page.Entries)-1].Place
	}
	if n != 12 || pages < 2 {
		t.Errorf("read %d entries in %d pages, want 12 in several", n, pages)
	}
}

// Contract 11.3: an entry that fills an answer by itself hides none after it.
func TestPageAfterHuge(t *testing.T) {
	t.Parallel()
	s := startNATS(t)
	s.Reload(t, func(o *server.Options) { o.MaxPayload = 8 << 20 })
	l := newLog(t, s, natsrooms.LogOptions{})
	huge := appendTo(t, l, "room", "huge", strings.Repeat("x", 5<<20))
	appendTo(t, l, "room", "next", "next")
	page, err := l.Read(t.Context(), "room", huge)
	if err != nil || !page.Whole || len(page.Entries) != 1 {
		t.Errorf("Read = %d entries, whole %v, more %v, %v, want the next one",
			len(page.Entries), page.Whole, page.More, err)
	}
}

// Contract 11.3: an entry that was said twice is linked to the next like any other.
func TestAfterTwice(t *testing.T) {
	t.Parallel()
	l := newLog(t, startNATS(t), natsrooms.LogOptions{})
	place := appendTo(t, l, "room", "id", "x")
	if again := appendTo(t, l, "room", "id", "x"); again != place {
		t.Errorf("Append again = %v, want %v", again, place)
	}
	appendTo(t, l, "room", "next", "next")
	page, err := l.Read(t.Context(), "room", place)
	if err != nil || !page.Whole || len(page.Entries) != 1 {
		t.Errorf("Read = %v, %v, want the next one, whole", page, err)
	}
}
