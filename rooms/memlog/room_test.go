package memlog

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

func put(t *testing.T, l rooms.Log, id string) rooms.Place {
	t.Helper()
	place, err := l.Append(t.Context(), "lobby", id, []byte(id))
	if err != nil {
		t.Errorf("Append = %v, want no error", err)
	}
	return place
}

// A timer that fired before a room was followed, and comes to its turn only later, ends
// nothing: neither a room that is followed, nor one that was left just now, nor the next
// of that name.
func TestLateExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(5, time.Minute).(*log)
		told := 0
		if _, err := m.Follow(t.Context(), "lobby", func(rooms.News) { told++ }); err != nil {
			t.Fatalf("Follow = %v, want no error", err)
		}
		r := m.open("lobby")
		time.Sleep(2 * time.Minute)
		r.expire()
		if put(t, m, "a"); told != 1 {
			t.Errorf("told %d entries while the room is followed, want 1", told)
		}
		time.Sleep(2 * time.Minute)
		m.Unfollow("lobby")
		r.expire()
		if m.open("lobby") != r {
			t.Error("the room ends as soon as it was left, want it to stay for its age")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		next := m.open("lobby")
		r.expire()
		if m.open("lobby") != next || next == r {
			t.Error("the late timer ends the next room of that name, want it to stay")
		}
	})
}

// Whoever has found a room just before it ended does nothing with it: what is done there
// would be lost.
func TestDeadRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(5, time.Minute).(*log)
		r := m.open("lobby")
		time.Sleep(time.Minute)
		synctest.Wait()
		if _, again := r.append("a", nil); again == nil {
			t.Error("append to a room that has ended is ok, want it not to be")
		}
		if _, ok, err := r.follow(func(rooms.News) {}); ok || err != nil {
			t.Errorf("follow of a room that has ended = %v, %v, want not ok", ok, err)
		}
	})
}

// Contract 11.4: no goroutine, and no memory for rooms that are over.
func TestMemoryIsFreed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(50, time.Minute).(*log)
		put(t, m, "nobody there")
		if _, err := m.Follow(t.Context(), "followed", func(rooms.News) {}); err != nil {
			t.Fatalf("Follow = %v, want no error", err)
		}
		m.Unfollow("followed")
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if got := m.len(); got != 0 {
			t.Errorf("the log has %d rooms, want none", got)
		}
	})
}

// len returns the number of rooms.
func (m *log) len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.rooms)
}

// Contract 11.4: what is said into an empty room keeps it for the age from then on, and
// no longer.
func TestMemoryIsFreedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(50, time.Minute).(*log)
		for i := range 3 {
			put(t, m, fmt.Sprint(i))
			time.Sleep(40 * time.Second)
			synctest.Wait()
		}
		if got := m.len(); got != 1 {
			t.Errorf("the log has %d rooms 40 s after a message, want 1", got)
		}
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if got := m.len(); got != 0 {
			t.Errorf("the log has %d rooms 60 s after the last message, want none", got)
		}
	})
}

// Contract 11.4: a room keeps no more than its number, also while nobody reads it.
func TestMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(5, time.Minute).(*log)
		for i := range 100 {
			put(t, m, fmt.Sprint(i))
		}
		if got := len(m.open("lobby").entries); got != 5 {
			t.Errorf("the room has %d entries, want 5", got)
		}
	})
}

// Contract 11.4: what is said into a room where nobody is stays for its age, however old
// the room is; leaving a room where nobody was does not make it stay longer.
func TestMemoryOfNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(5, time.Minute).(*log)
		put(t, m, "a")
		time.Sleep(40 * time.Second)
		last := put(t, m, "b")
		time.Sleep(59 * time.Second)
		page, err := m.Read(t.Context(), "lobby", rooms.Place{})
		if err != nil || len(page.Entries) != 1 || page.Entries[0].Place != last {
			t.Errorf("Read = %v, %v, want the entry at %v", page, err, last)
		}
		m.Unfollow("lobby")
		time.Sleep(time.Second)
		synctest.Wait()
		if got := m.len(); got != 0 {
			t.Errorf("%d rooms after the age, want none", got)
		}
	})
}

// A panic in receive is the caller's; the next entry is told all the same.
func TestMemoryReceivePanics(t *testing.T) {
	m := New(5, time.Minute)
	told := 0
	_, err := m.Follow(t.Context(), "lobby", func(rooms.News) {
		if told++; told == 1 {
			panic("receive")
		}
	})
	if err != nil {
		t.Fatalf("Follow = %v, want no error", err)
	}
	func() {
		defer func() { recover() }()
		put(t, m, "a")
	}()
	if put(t, m, "b"); told != 2 {
		t.Errorf("told %d entries, want 2", told)
	}
	m.Unfollow("lobby")
}

// Contract 11.4: who appends does not wait until what others have added is passed on.
func TestMemoryPassesOnOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, slow := New(5, time.Minute), make(chan struct{})
		var told []uint64
		_, err := m.Follow(t.Context(), "lobby", func(n rooms.News) {
			if told = append(told, n.Seq); n.Seq == 1 {
				put(t, m, "of another")
				return
			}
			<-slow
		})
		if err != nil {
			t.Fatalf("Follow = %v, want no error", err)
		}
		appended := make(chan struct{})
		go func() {
			defer close(appended)
			put(t, m, "own")
		}()
		synctest.Wait()
		select {
		case <-appended:
		default:
			t.Error("Append waits until the entry of another was passed on")
		}
		close(slow)
		synctest.Wait()
		if !slices.Equal(told, []uint64{1, 2}) {
			t.Errorf("told %v, want 1, 2", told)
		}
		m.Unfollow("lobby")
	})
}

// Contract 11.4: a follower that is stuck does not make the log grow: who appends waits.
func TestMemoryQueueIsBounded(t *testing.T) {
	for _, stays := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			m, stuck := New(5, time.Minute).(*log), make(chan struct{})
			var told []uint64
			_, err := m.Follow(t.Context(), "lobby", func(n rooms.News) {
				<-stuck
				told = append(told, n.Seq)
			})
			if err != nil {
				t.Fatalf("Follow = %v, want no error", err)
			}
			go put(t, m, "first")
			synctest.Wait()
			for i := range 5000 {
				go put(t, m, fmt.Sprint(i))
			}
			synctest.Wait()
			if got := len(m.open("lobby").entries); got != maxWaiting {
				t.Errorf("%d entries are kept, want %d", got, maxWaiting)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err = m.Append(ctx, "lobby", "in vain", nil)
			if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, rooms.ErrUncertain) {
				t.Errorf("Append = %v, want %v", err, context.DeadlineExceeded)
			}
			if !stays {
				m.Unfollow("lobby") // so nobody waits any more
				synctest.Wait()
			}
			if last := m.open("lobby").last; (last == 5001) == stays {
				t.Errorf("%d entries while the follower is stuck, it stays: %v", last, stays)
			}
			close(stuck)
			synctest.Wait()
			if got := len(m.open("lobby").entries); got != 5 {
				t.Errorf("%d entries are kept after they were passed on, want 5", got)
			}
			if want := 5001; stays && (len(told) != want || !slices.IsSorted(told) || told[0] != 1) {
				t.Errorf("told %v, want 1 to %d", told, want)
			}
			m.Unfollow("lobby")
		})
	}
}

// Contract 9.9: a receive that ends its goroutine while so many entries wait that nobody
// may append does not end the room.
func TestMemoryFullAfterGoexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, stuck, first := New(5, time.Minute), make(chan struct{}), true
		var told []uint64
		_, err := m.Follow(t.Context(), "lobby", func(n rooms.News) {
			if told = append(told, n.Seq); first {
				first = false
				<-stuck
				runtime.Goexit()
			}
		})
		if err != nil {
			t.Fatalf("Follow = %v, want no error", err)
		}
		for i := range maxWaiting {
			go put(t, m, fmt.Sprint(i))
		}
		synctest.Wait()
		go put(t, m, "it waits")
		synctest.Wait()
		close(stuck)
		synctest.Wait()
		put(t, m, "the last")
		synctest.Wait()
		if want := maxWaiting + 2; len(told) != want || !slices.IsSorted(told) {
			t.Errorf("told %d entries, want %d in order", len(told), want)
		}
		m.Unfollow("lobby")
	})
}

// Contract 11.4: what the follower was not given yet can be read, however little is kept:
// the follower may read before it is given what was dropped.
func TestMemoryKeepsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, stuck := New(2, time.Minute), make(chan struct{})
		at, err := m.Follow(t.Context(), "lobby", func(rooms.News) { <-stuck })
		if err != nil {
			t.Fatalf("Follow = %v, want no error", err)
		}
		for i := range 10 {
			go put(t, m, fmt.Sprint(i))
		}
		time.Sleep(time.Hour)
		if page, err := m.Read(t.Context(), "lobby", at); len(page.Entries) != 10 || !page.Whole {
			t.Errorf("Read = %v, %v, want 10 entries, whole", page, err)
		}
		close(stuck)
		synctest.Wait()
		if page, err := m.Read(t.Context(), "lobby", at); len(page.Entries) > 2 || page.Whole {
			t.Errorf("Read after that = %v, %v, want 2 entries at most, not whole", page, err)
		}
		m.Unfollow("lobby")
	})
}
