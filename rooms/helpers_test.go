package rooms_test

import (
	"slices"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// client is what a handler has: its end of the channels, and the membership.
type client[M any] struct {
	*rooms.Member[M]
	in         chan M
	disconnect chan int
}

// joinable is a Rooms, whether on a log or not.
type joinable[M any] interface {
	Join(string, chan<- M, chan<- int, any) (*rooms.Member[M], error)
}

// join makes a client with a sender of that capacity, which takes nothing unless told to.
// It attaches its name.
func join[M any](t testing.TB, r joinable[M], room string, capacity int, name any) *client[M] {
	t.Helper()
	c := &client[M]{in: make(chan M, capacity), disconnect: make(chan int, 1)}
	var err error
	if c.Member, err = r.Join(room, c.in, c.disconnect, name); err != nil {
		t.Errorf("Join(%q) = %v, want no error", room, err)
	}
	return c
}

// got returns what is there to take.
func (c *client[M]) got() (all []M) {
	for {
		select {
		case msg := <-c.in:
			all = append(all, msg)
		default:
			return all
		}
	}
}

// code returns the close code that waits in disconnect, 0 for none.
func (c *client[M]) code() int {
	select {
	case code := <-c.disconnect:
		return code
	default:
		return 0
	}
}

func wantMessages[M comparable](t *testing.T, who string, got []M, want ...M) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s got %v, want %v", who, got, want)
	}
}

// removal is a call of OnRemove.
type removal struct {
	room     string
	attached any
	reason   error
}

// watched returns options whose OnRemove goes to the channel.
func watched[M any](o rooms.Options[M]) (*rooms.Options[M], chan removal) {
	removals := make(chan removal, 1000)
	o.OnRemove = func(room string, attached any, reason error) {
		removals <- removal{room, attached, reason}
	}
	return &o, removals
}
