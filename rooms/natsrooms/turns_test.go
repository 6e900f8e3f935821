package natsrooms

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// The end of a room is only known as long as the connection holds: after a break another
// process may have appended. So many rooms are remembered, and no more.
func TestEnds(t *testing.T) {
	e := ends{rooms: make(map[string]end)}
	known := end{rooms.Place{Seq: 5, Tag: 50}, 5}
	want := func(room string, breaks uint64, want end) {
		t.Helper()
		if got := e.get(room, breaks); got != want {
			t.Errorf("the end of %s after %d breaks is %v, want %v", room, breaks, got, want)
		}
	}
	e.set("a", known, 1)
	want("a", 1, known)
	want("b", 1, end{})
	want("a", 2, end{})
	e.set("b", known, 2)
	want("b", 2, known)
	want("a", 2, end{})
	for i := range 2 * maxEnds {
		e.set(fmt.Sprint(i), known, 2)
	}
	if got := len(e.rooms); got > maxEnds {
		t.Errorf("%d rooms are remembered, want at most %d", got, maxEnds)
	}
}

// One goroutine at a time has the turn of a room, whoever gives up waiting for it, and
// nothing is kept of a room in which nobody waits.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := turns{rooms: make(map[string]*turn)}
		having, had := 0, 0
		next := make(chan struct{})
		take := func() {
			leave, err := turns.begin(t.Context(), "a")
			if err != nil {
				t.Errorf("begin = %v, want no error", err)
				return
			}
			if having++; having > 1 {
				t.Errorf("%d have the turn, want one", having)
			}
			had++
			<-next
			having--
			leave()
		}
		wantHad := func(want int) {
			t.Helper()
			synctest.Wait()
			if had != want {
				t.Errorf("%d have had the turn, want %d", had, want)
			}
		}
		go take()
		wantHad(1)
		go take()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := turns.begin(ctx, "a"); !errors.Is(err, context.Canceled) {
			t.Errorf("begin with a context that has ended = %v, want %v", err, context.Canceled)
		}
		if leave, err := turns.begin(t.Context(), "b"); err != nil {
			t.Errorf("begin in another room = %v, want no error", err)
		} else {
			leave()
		}
		wantHad(1)
		next <- struct{}{}
		wantHad(2)
		go take()
		wantHad(2)
		next <- struct{}{}
		wantHad(3)
		next <- struct{}{}
		synctest.Wait()
		if got := len(turns.rooms); got != 0 {
			t.Errorf("%d rooms have a turn at the end, want none", got)
		}
	})
}
