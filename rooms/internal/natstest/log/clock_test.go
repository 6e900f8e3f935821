package log_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// otherClock passes on JetStream's API under the prefix CLOCK.API. The state of the
// stream has another time than its messages get: that of another leader, or of before a
// step.
func otherClock(t *testing.T, s *natstest.Server) *atomic.Int64 {
	t.Helper()
	nc, ahead := s.Connect(t), new(atomic.Int64)
	if _, err := nc.Subscribe("CLOCK.API.>", func(m *nats.Msg) {
		api := "$JS" + strings.TrimPrefix(m.Subject, "CLOCK")
		if !strings.Contains(api, "STREAM.INFO") {
			_ = nc.PublishRequest(api, m.Reply, m.Data)
			return
		}
		answer, err := nc.Request(api, m.Data, natstest.Patience)
		var info map[string]any
		if err != nil || json.Unmarshal(answer.Data, &info) != nil {
			return
		}
		if _, ok := info["ts"]; ok {
			info["ts"] = time.Now().Add(time.Duration(ahead.Load()))
		}
		data, _ := json.Marshal(info)
		_ = m.Respond(data)
	}); err != nil {
		t.Fatalf("Subscribe = %v, want no error", err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatalf("Flush = %v, want no error", err)
	}
	return ahead
}

// Contract 11.2: what is acknowledged is seen by everybody, once, at one position,
// whatever the clocks of the servers show and however they step.
func TestClocks(t *testing.T) {
	for _, ahead := range []time.Duration{-time.Hour, -time.Minute, 0, time.Minute} {
		t.Run(fmt.Sprint(ahead), func(t *testing.T) {
			t.Parallel()
			s := startNATS(t)
			otherClock(t, s).Store(int64(ahead))
			other := newLog(t, s, natsrooms.LogOptions{}) // makes the stream
			l := newLog(t, s, natsrooms.LogOptions{API: "CLOCK.API"})
			seen := make(chan rooms.News, 100)
			at, err := other.Follow(t.Context(), "followed", func(n rooms.News) { seen <- n })
			if err != nil {
				t.Fatalf("Follow = %v, want no error", err)
			}
			if _, err := l.Follow(t.Context(), "followed", func(rooms.News) {}); err != nil {
				t.Fatalf("Follow = %v, want no error", err)
			}
			for _, room := range []string{"followed", "not followed"} {
				place := appendTo(t, l, room, "id", "seen")
				for _, l := range []rooms.Log{l, other} {
					if again := appendTo(t, l, room, "id", "again"); again != place {
						t.Errorf("Append of the same id = %v, want %v", again, place)
					}
				}
				page, err := other.Read(t.Context(), room, rooms.Place{})
				if got := said(page.Entries); err != nil || len(got) != 1 || got[0] != "seen" {
					t.Errorf("Read = %q, %v, want what was acknowledged", got, err)
				}
				if e := page.Entries[len(page.Entries)-1]; e.Place != place {
					t.Errorf("it is at %v, want %v as acknowledged", e.Place, place)
				}
			}
			page, err := other.Read(t.Context(), "followed", at)
			if err != nil || !page.Whole {
				t.Errorf("Read(%v) = %v, %v, want it whole", at, page, err)
			}
			natstest.Eventually(t, "the message is heard", func() bool {
				return len(seen) > 0 && string((<-seen).Data) == "seen"
			})
		})
	}
}

// Contract 11.2: an id that is in the window, but whose entry is gone, is uncertain.
func TestForgotten(t *testing.T) {
	s := startNATS(t)
	l := newLog(t, s, natsrooms.LogOptions{})
	appendTo(t, l, "room", "id", "x")
	editStream(t, s, edit{do: edits[4].do})
	if _, err := l.Append(t.Context(), "room", "id", []byte("x")); !errors.Is(err, rooms.ErrUncertain) {
		t.Errorf("Append of an id whose entry is gone = %v, want %v", err, rooms.ErrUncertain)
	}
}
