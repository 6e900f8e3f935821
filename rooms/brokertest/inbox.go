package brokertest

import (
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/suite"
)

// patience is how long the suite waits before it calls something missing. It is never
// waited for in a test that passes. The suite's own tests have less.
var patience = 15 * time.Second

// inbox is what a subscription received.
type inbox chan string

// subscribe returns the inbox of a new subscription.
func subscribe(t *testing.T, b rooms.Broker, room string) inbox {
	t.Helper()
	in := make(inbox, 1<<14)
	if err := b.Subscribe(room, in.receive); err != nil {
		t.Errorf("Subscribe(%.20q) = %v, want no error", room, err)
	}
	return in
}

func (in inbox) receive(data []byte, lost error) {
	if lost != nil {
		in <- loss + lost.Error()
		return
	}
	in <- string(data)
}

// loss begins what an inbox has instead of a message, when a loss is told.
const loss = "lost: "

func isLoss(msg string) bool { return strings.HasPrefix(msg, loss) }

// want checks that the next message is the wanted one. So it also finds a message that
// should not have come.
func (in inbox) want(t *testing.T, want string) {
	t.Helper()
	if got := in.next(t); got != want {
		t.Fatalf("received %.80q, want %.80q", got, want)
	}
}

func publish(t *testing.T, b rooms.Broker, room, data string) {
	t.Helper()
	if err := b.Publish(room, []byte(data)); err != nil {
		t.Fatalf("Publish(%.20q, %.20q) = %v, want no error", room, data, err)
	}
}

// eventually waits for what happens without an event.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	suite.Eventually(t, patience, what, done)
}

// next returns the next message.
func (in inbox) next(t *testing.T) string {
	t.Helper()
	select {
	case got := <-in:
		return got
	case <-time.After(patience):
		t.Fatal("received nothing, want a message")
		return ""
	}
}

// A message that begins with a mark is a probe: the suite repeats it until it arrives,
// and looks at what came before it.
const mark = "mark "

// until returns what came before a mark of that name. It sends the mark again and again:
// the broker may lose some of them, and tests of other things go on.
func (in inbox) until(t *testing.T, name string, send func(mark string)) (all []string) {
	t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	send(mark + name)
	for deadline := time.Now().Add(patience); ; {
		select {
		case got := <-in:
			if got == mark+name {
				return all
			}
			if !strings.HasPrefix(got, mark) {
				all = append(all, got)
			}
		case <-again.C:
			if time.Now().After(deadline) {
				t.Fatalf("of all that was sent for %v, nothing arrives any more", patience)
			}
			send(mark + name)
		}
	}
}

// marks returns a function that publishes a mark to a room.
func marks(b rooms.Broker, room string) func(mark string) {
	return func(mark string) { b.Publish(room, []byte(mark)) }
}
