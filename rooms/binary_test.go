package rooms_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
)

// frame is encoded once for all members, and hides its bytes from JSON. Its methods panic
// for a nil pointer, as methods do.
type frame struct{ text string }

func (f *frame) Len() int                       { return len(f.text) }
func (f *frame) MarshalBinary() ([]byte, error) { return []byte(f.text), nil }

func (f *frame) UnmarshalBinary(b []byte) error {
	switch f.text = string(b); f.text {
	case "refused":
		return errBroken
	case "panic":
		panic("at the disco")
	}
	return nil
}

// point is a value: it is decoded by a method of its pointer.
type point struct{ x, y byte }

func (p point) MarshalBinary() ([]byte, error) { return []byte{p.x, p.y}, nil }

func (p *point) UnmarshalBinary(b []byte) error {
	p.x, p.y = b[0], b[1]
	return nil
}

// halfBinary becomes bytes, but not back.
type halfBinary struct{ text string }

func (h *halfBinary) MarshalBinary() ([]byte, error) { return []byte(h.text), nil }

// Contract 8.2: a type that knows how to be bytes crosses by its own methods.
func TestBinaryCrossing(t *testing.T) {
	if got := cross(t, rooms.Options[*frame]{}, &frame{"x"}); got.text != "x" {
		t.Errorf("*frame crossed as %+v, want x", got)
	}
	if got := cross(t, rooms.Options[point]{}, point{1, 2}); got != (point{1, 2}) {
		t.Errorf("point crossed as %v, want {1 2}", got)
	}
	if got := cross(t, rooms.Options[*point]{}, &point{1, 2}); *got != (point{1, 2}) {
		t.Errorf("*point crossed as %v, want {1 2}", got)
	}
	refused[*halfBinary](t, "has no exported field")
}

// What another process sent costs nothing but a count, whatever the methods do with it.
func TestBinaryUndecodable(t *testing.T) {
	var network brokertest.Memory
	o, errs := withErrors(rooms.Options[*frame]{Broker: network.Broker()})
	ann := join(t, rooms.New(o), "lobby", 1, "ann")
	far := rooms.New(&rooms.Options[*frame]{Broker: network.Broker()})
	for _, test := range []struct{ text, want string }{
		{text: "refused", want: "broken"},
		{text: "panic", want: "at the disco"},
	} {
		far.Broadcast("lobby", &frame{test.text})
		err := <-errs
		if !errors.Is(err, rooms.ErrUndecodable) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: OnError(%v), want %v with %s",
				test.text, err, rooms.ErrUndecodable, test.want)
		}
	}
	wantMessages(t, "ann", ann.got())
}

// Contract 8.2, 9.3: the bytes of a message with a length count.
func TestBytesOfLengths(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rooms.New(&rooms.Options[*frame]{BacklogBytes: 10})
		slow := join(t, r, "lobby", 0, "slow")
		r.Broadcast("lobby", &frame{"12345"})
		r.Broadcast("lobby", &frame{"12345"})
		synctest.Wait()
		if code := slow.code(); code != 0 {
			t.Errorf("code within the bound = %d, want none", code)
		}
		<-slow.in
		synctest.Wait()
		r.Broadcast("lobby", &frame{"12345"})
		r.Broadcast("lobby", &frame{"1"})
		synctest.Wait()
		if code := slow.code(); code != 1013 {
			t.Errorf("code past the bound = %d, want 1013", code)
		}
	})
}

// Contract 9.7: a nil message reaches nobody: it is the caller's error.
func TestNilMessage(t *testing.T) {
	testNil[*frame](t, nil)
	testNil[*message](t, nil)
	testNil[map[string]int](t, nil)
}

func testNil[M any](t *testing.T, none M) {
	t.Helper()
	var network brokertest.Memory
	far := join(t, rooms.New(&rooms.Options[M]{Broker: network.Broker()}), "lobby", 1, "far")
	r := rooms.New(&rooms.Options[M]{Broker: network.Broker()})
	near := join(t, r, "lobby", 1, "near")
	err := r.Broadcast("lobby", none)
	if !errors.Is(err, rooms.ErrUnsendable) || !strings.Contains(err.Error(), "nil is not") {
		t.Errorf("Broadcast(nil %T) = %v, want an error that says so", none, err)
	}
	if got := len(near.got()); got != 0 {
		t.Errorf("nil %T: the member of the process got %d messages, want none", none, got)
	}
	if got := len(far.got()); got != 0 {
		t.Errorf("nil %T: the other process got %d messages, want none", none, got)
	}
}
