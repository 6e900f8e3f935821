package rooms_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// A handler that closes its sender is gone: neither the broadcaster nor the process pays
// for it, nor the next members.
func TestClosedSender(t *testing.T) {
	for _, behind := range []bool{false, true} {
		t.Run(fmt.Sprintf("behind=%v", behind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, removals := watched(rooms.Options[string]{})
				r := rooms.New(o)
				first := join(t, r, "lobby", 9, "first")
				gone := join(t, r, "lobby", 0, "gone")
				last := join(t, r, "lobby", 9, "last")
				want := []string{"x"}
				if behind {
					r.Broadcast("lobby", "x")
					synctest.Wait()
					want = append(want, "x")
				}
				close(gone.in)
				r.Broadcast("lobby", "x")
				synctest.Wait()
				wantMessages(t, "first", first.got(), want...)
				wantMessages(t, "last", last.got(), want...)
				if got, want := <-removals, (removal{"lobby", "gone", rooms.ErrSenderClosed}); got != want {
					t.Errorf("OnRemove(%v), want %v", got, want)
				}
				if code := gone.code(); code != 0 || r.Len("lobby") != 2 {
					t.Errorf("code %d, Len %d, want no code, which would turn a regular end into a failure, and 2",
						code, r.Len("lobby"))
				}
			})
		})
	}
}
