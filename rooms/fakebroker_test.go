package rooms_test

import (
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
)

var errBroken = errors.New("broken")

// fakeBroker notes what it is asked to do. It checks that subscribing takes turns, and
// gives messages back to their sender, as no broker should.
type fakeBroker struct {
	t       *testing.T
	block   chan struct{} // Subscribe and Unsubscribe wait for it, if there is one
	begun   chan struct{} // and say here that they do
	stall   chan struct{} // Publish waits for it, if there is one
	failing atomic.Bool

	mu        sync.Mutex
	working   bool
	receivers map[string]func([]byte, error)
	asked     []string
	published [][]byte
}

func newFakeBroker(t *testing.T) *fakeBroker {
	return &fakeBroker{t: t, receivers: make(map[string]func([]byte, error))}
}

// turn is the time that the broker works on a subscription.
func (b *fakeBroker) turn(what, room string) {
	b.mu.Lock()
	if b.working {
		b.t.Errorf("%s(%q) while the broker is at it already", what, room)
	}
	b.working = true
	b.asked = append(b.asked, what)
	b.mu.Unlock()
	if b.block != nil {
		b.begun <- struct{}{}
		<-b.block
	}
	b.mu.Lock()
	b.working = false
	b.mu.Unlock()
}

func (b *fakeBroker) Subscribe(room string, receive func([]byte, error)) error {
	b.turn("subscribe", room)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.receivers[room] != nil {
		b.t.Errorf("Subscribe(%q) twice", room)
	}
	if b.failing.Load() {
		return errBroken
	}
	b.receivers[room] = receive
	return nil
}

func (b *fakeBroker) Unsubscribe(room string) error {
	b.turn("unsubscribe", room)
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.receivers, room)
	if b.failing.Load() {
		return errBroken
	}
	return nil
}

func (b *fakeBroker) Publish(room string, data []byte) error {
	if b.stall != nil {
		<-b.stall
	}
	if b.failing.Load() {
		return errBroken
	}
	b.mu.Lock()
	b.published = append(b.published, data)
	receive := b.receivers[room]
	b.mu.Unlock()
	if receive != nil {
		receive(slices.Clone(data), nil)
	}
	return nil
}

// receiver returns the subscription of a room, nil if there is none.
func (b *fakeBroker) receiver(room string) func([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.receivers[room]
}

func (b *fakeBroker) wantAsked(want ...string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Equal(b.asked, want) {
		b.t.Errorf("the broker was asked to %v, want %v", b.asked, want)
	}
}

// header is what stands before the body in the first message of another process.
const header = "\x03another process.\x00\x01"

// fromElsewhere is a message of another process, the nth that it says after start. Without
// a text it only says the number.
func fromElsewhere(start, n int, text string) []byte {
	data := []byte(header[:17])
	if text == "" {
		data[0] = 4
	}
	data = binary.AppendUvarint(data, uint64(start))
	data = binary.AppendUvarint(data, uint64(n))
	return append(data, text...)
}

// parse splits what was published. A message without a body has the text "number".
func parse(data []byte) (start, n uint64, text string) {
	rest := data[17:]
	start, size := binary.Uvarint(rest)
	n, more := binary.Uvarint(rest[size:])
	if data[0] == 4 {
		return start, n, "number"
	}
	return start, n, string(rest[size+more:])
}

// dropPublished forgets the messages that are what.
func (b *fakeBroker) dropPublished(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.published = slices.DeleteFunc(b.published, func(data []byte) bool {
		_, _, text := parse(data)
		return text == what
	})
}

func (b *fakeBroker) wantPublished(want ...string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	var got []string
	for _, data := range b.published {
		_, _, text := parse(data)
		got = append(got, text)
	}
	if !slices.Equal(got, want) {
		b.t.Errorf("the broker was given %.200q, want %.200q", got, want)
	}
}

// withErrors returns options whose OnError goes to the channel.
func withErrors[M any](o rooms.Options[M]) (*rooms.Options[M], chan error) {
	errs := make(chan error, 1000)
	o.OnError = func(room string, err error) { errs <- err }
	return &o, errs
}
