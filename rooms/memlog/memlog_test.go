package memlog_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/memlog"
)

func TestMemoryPanics(t *testing.T) {
	for _, count := range []int{0, 1} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("New for a log that keeps nothing does not panic, want it to")
				}
			}()
			memlog.New(count, time.Duration(count-1))
		}()
	}
}

// Contract 11.4: a follower that stops in the middle is told nothing more.
func TestMemoryUnfollowFromReceive(t *testing.T) {
	l := memlog.New(50, time.Minute)
	put := func(id string) {
		if _, err := l.Append(t.Context(), "lobby", id, []byte(id)); err != nil {
			t.Errorf("Append = %v, want no error", err)
		}
	}
	var told []string
	_, err := l.Follow(t.Context(), "lobby", func(n rooms.News) {
		told = append(told, string(n.Data))
		if len(told) == 1 {
			put("2") // which is told when this call has returned
			l.Unfollow("lobby")
		}
	})
	if err != nil {
		t.Fatalf("Follow = %v, want no error", err)
	}
	put("1")
	put("3")
	if len(told) != 1 {
		t.Errorf("told %q, want nothing after Unfollow", told)
	}
}

// Contract 11.2, 11.4: an id is remembered for two minutes, and as one of a thousand.
func TestMemoryWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := memlog.New(5, time.Hour)
		put := func(id string) rooms.Place {
			place, err := l.Append(t.Context(), "lobby", id, nil)
			if err != nil {
				t.Fatalf("Append = %v, want no error", err)
			}
			return place
		}
		first := put("a")
		time.Sleep(2*time.Minute - time.Nanosecond)
		if got := put("a"); got != first {
			t.Errorf("Append again = %v, want %v", got, first)
		}
		time.Sleep(time.Nanosecond)
		second := put("a")
		if second == first {
			t.Errorf("Append after the window = %v, want another place", second)
		}
		for i := range 999 {
			put(string(rune(0x4e00 + i)))
		}
		if got := put("a"); got != second {
			t.Errorf("Append after 999 others = %v, want %v", got, second)
		}
		put("one more")
		if got := put("a"); got == second {
			t.Errorf("Append after 1000 others = %v, want another place", got)
		}
	})
}

// lookingLog tells its follower to look, whether there is anything or not, and has things
// said while the room is being followed or read.
type lookingLog struct {
	rooms.Log
	during atomic.Int64 // how many, once
	look   func(rooms.News)
}

func (l *lookingLog) Follow(
	ctx context.Context, room string, receive func(rooms.News),
) (rooms.Place, error) {
	l.look = receive
	place, err := l.Log.Follow(ctx, room, receive)
	l.crowd(ctx, room)
	return place, err
}

func (l *lookingLog) Read(ctx context.Context, room string, after rooms.Place) (rooms.Page, error) {
	l.crowd(ctx, room)
	return l.Log.Read(ctx, room, after)
}

func (l *lookingLog) crowd(ctx context.Context, room string) {
	for range l.during.Swap(0) {
		l.Append(ctx, room, rand.Text(), []byte("not from rooms"))
	}
}

// Contract 11.4: with a log that keeps next to nothing, members lose nothing, from the
// first message in an empty room on: whatever the pauses, and whoever speaks or looks.
func TestMemoryKeepsLittle(t *testing.T) {
	for _, keeps := range []struct {
		count int
		age   time.Duration
	}{{1, time.Second}, {1, time.Hour}, {2, time.Nanosecond}, {1000, time.Millisecond}} {
		for _, during := range []int64{0, 3} {
			t.Run(fmt.Sprint(keeps, during), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					testKeepsLittle(t, &lookingLog{Log: memlog.New(keeps.count, keeps.age)}, during)
				})
			})
		}
	}
}

// Contract 11.4: nor if more is said at once than can be passed on soon.
func TestMemoryManySpeakers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const speakers = 4000
		r := rooms.NewOnLog(memlog.New(1, time.Hour), &rooms.Options[string]{
			Decode: func(b []byte) (string, error) {
				time.Sleep(time.Millisecond)
				return string(b), nil
			},
			Encode:  func(m string) ([]byte, error) { return []byte(m), nil },
			OnError: func(_ string, err error) { t.Errorf("OnError(%v), want no such call", err) },
		})
		ann := make(chan string, speakers)
		a, err := r.Join("lobby", ann, nil, "ann")
		if err != nil {
			t.Fatalf("Join = %v, want no error", err)
		}
		for range speakers {
			go r.Broadcast("lobby", "one of many")
		}
		time.Sleep(time.Minute)
		if len(ann) != speakers {
			t.Errorf("ann got %d messages, want %d", len(ann), speakers)
		}
		a.Leave()
	})
}

func testKeepsLittle(t *testing.T, log *lookingLog, during int64) {
	log.during.Store(during)
	r := rooms.NewOnLog(log, &rooms.Options[string]{
		OnError: func(_ string, err error) {
			if !errors.Is(err, rooms.ErrUndecodable) {
				t.Errorf("OnError(%v), want no such call", err)
			}
		},
		OnRemove: func(_ string, who any, reason error) {
			t.Errorf("%v was removed: %v, want it to stay", who, reason)
		},
	})
	ann, bob := make(chan string, 1000), make(chan string, 1000)
	a, err := r.Join("lobby", ann, nil, "ann")
	if err != nil {
		t.Fatalf("Join = %v, want no error", err)
	}
	b, _, err := r.JoinAfter("lobby", "", bob, nil, "bob")
	if err != nil {
		t.Fatalf("JoinAfter = %v, want no error", err)
	}
	b.Start()
	for _, pause := range []time.Duration{0, 2 * time.Second, 2 * time.Hour} {
		time.Sleep(pause)
		log.during.Store(during)
		log.look(rooms.News{})
		synctest.Wait()
		r.Broadcast("lobby", "first")
		time.Sleep(pause)
		var speakers sync.WaitGroup
		for range 100 {
			speakers.Go(func() { r.Broadcast("lobby", "one of many") })
		}
		speakers.Wait()
		synctest.Wait()
		if len(ann) != 101 || len(bob) != 101 {
			t.Errorf("after %v ann got %d messages, bob %d, want 101", pause, len(ann), len(bob))
		}
		for range len(ann) {
			<-ann
		}
		for range len(bob) {
			<-bob
		}
	}
	a.Leave()
	b.Leave()
}
