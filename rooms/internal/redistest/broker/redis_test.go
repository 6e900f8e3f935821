//go:build linux

package broker_test

import (
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/goroutines"
	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

func TestMain(m *testing.M) { goroutines.Main(m) }

// newBroker makes a broker with a client of its own.
func newBroker(t testing.TB, s *redistest.Server) *redisrooms.Broker {
	t.Helper()
	b := redisrooms.NewBroker(s.Connect(t), nil)
	t.Cleanup(b.Close)
	return b
}

// subscribe subscribes to the room that most tests use.
func subscribe(t *testing.T, b *redisrooms.Broker, receive func([]byte, error)) {
	t.Helper()
	if err := b.Subscribe("room", receive); err != nil {
		t.Fatalf("Subscribe = %v, want no error", err)
	}
}

// inbox holds what a room was given, a loss as its text.
type inbox chan string

func newInbox() inbox { return make(inbox, 1000) }

func (in inbox) receive(data []byte, lost error) {
	if lost != nil {
		data = []byte(lost.Error())
	}
	in <- string(data)
}

// want waits for the next, and compares it.
func (in inbox) want(t *testing.T, want string) {
	t.Helper()
	select {
	case got := <-in:
		if got != want {
			t.Fatalf("received %q, want %q", got, want)
		}
	case <-time.After(redistest.Patience):
		t.Fatalf("received nothing, want %q", want)
	}
}
