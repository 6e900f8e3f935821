package rooms_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
)

// panicking cannot be decoded without a panic.
type panicking struct{ Text string }

func (*panicking) UnmarshalJSON([]byte) error { panic("at the disco") }

// secret has no exported field, but knows how to be JSON.
type secret struct{ text string }

func (s *secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.text) }
func (s *secret) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &s.text) }

// cross sends msg from one process to another, and returns what arrives there.
func cross[M any](t *testing.T, o rooms.Options[M], msg M) (got M) {
	t.Helper()
	var network brokertest.Memory
	here, there := o, o
	here.Broker, there.Broker = network.Broker(), network.Broker()
	ann := join(t, rooms.New(&there), "lobby", 1, "ann")
	if err := rooms.New(&here).Broadcast("lobby", msg); err != nil {
		t.Errorf("Broadcast(%v) = %v, want no error", msg, err)
	}
	all := ann.got()
	if len(all) != 1 {
		t.Fatalf("%v crossed %d times, want once", msg, len(all))
	}
	return all[0]
}

// Messages cross as bytes: JSON for structs, as they are for strings and byte slices.
func TestCrossing(t *testing.T) {
	if got := cross(t, rooms.Options[*message]{}, &message{Text: "<é>"}); got.Text != "<é>" {
		t.Errorf("*message crossed as %+v, want <é>", got)
	}
	if got := cross(t, rooms.Options[message]{}, message{Text: "x"}); got.Text != "x" {
		t.Errorf("message crossed as %+v, want x", got)
	}
	for _, text := range []string{"", "x", "null", `"quoted"`, "\x00\xff"} {
		if got := cross(t, rooms.Options[string]{MaxMessageSize: -1}, text); got != text {
			t.Errorf("%q crossed as %q", text, got)
		}
		if got := cross(t, rooms.Options[[]byte]{}, []byte(text)); string(got) != text {
			t.Errorf("bytes %q crossed as %q", text, got)
		}
	}
	if got := cross(t, rooms.Options[map[string]int]{}, map[string]int{"a": 1}); got["a"] != 1 {
		t.Errorf("a map crossed as %v, want a:1", got)
	}
	if got := cross(t, rooms.Options[*secret]{}, &secret{text: "x"}); got.text != "x" {
		t.Errorf("a json.Marshaler crossed as %+v, want x", got)
	}
	if got := cross(t, rooms.Options[time.Time]{}, time.Unix(17, 0)); !got.Equal(time.Unix(17, 0)) {
		t.Errorf("a time crossed as %v, want that of second 17", got)
	}
	upper := rooms.Options[*prepared]{
		Encode: func(p *prepared) ([]byte, error) { return p.frames, nil },
		Decode: func(b []byte) (*prepared, error) { return &prepared{frames: b}, nil },
	}
	if got := cross(t, upper, &prepared{frames: []byte("x")}); string(got.frames) != "x" {
		t.Errorf("with Encode and Decode %q crossed, want x", got.frames)
	}
}

// A message from another process that cannot be decoded is counted and told, and costs
// nothing else.
func TestUndecodable(t *testing.T) {
	var network brokertest.Memory
	o, errs := withErrors(rooms.Options[*message]{Broker: network.Broker()})
	r := rooms.New(o)
	ann := join(t, r, "lobby", 10, "ann")
	// Another kind of rooms on the same network.
	text := rooms.New(&rooms.Options[string]{Broker: network.Broker()})
	raw := network.Broker()
	sent := uint64(0)
	for _, test := range []struct {
		name    string
		publish func() error
	}{
		{"no JSON", func() error { return text.Broadcast("lobby", "no JSON") }},
		{"nothing", func() error { return text.Broadcast("lobby", "") }},
		{"trailing data", func() error { return text.Broadcast("lobby", `{"Text":"x"} y`) }},
		{"another type", func() error { return text.Broadcast("lobby", `{"Text":17}`) }},
		{"null", func() error { return text.Broadcast("lobby", " null ") }},
		{"no envelope", func() error { return raw.Publish("lobby", []byte(`{"Text":"x"}`)) }},
		{"empty", func() error { return raw.Publish("lobby", nil) }},
		{"another version", func() error {
			return raw.Publish("lobby", []byte("\x021234567890123456{}"))
		}},
	} {
		if err := test.publish(); err != nil {
			t.Errorf("%s: publishing = %v, want no error", test.name, err)
		}
		sent++
		if got := r.Stats().Undecodable; got != sent || len(errs) != 1 {
			t.Fatalf("%s: Undecodable = %d, OnError %d, want %d, 1",
				test.name, got, len(errs), sent)
		}
		if err := <-errs; !errors.Is(err, rooms.ErrUndecodable) {
			t.Errorf("%s: OnError(%v), want %v", test.name, err, rooms.ErrUndecodable)
		}
	}
	text.Broadcast("lobby", `{"Text":"fine"}`)
	if got := ann.got(); len(got) != 1 || got[0].Text != "fine" || ann.code() != 0 {
		t.Errorf("ann got %v, want what could be decoded, and no code", got)
	}
}

func TestDecodePanics(t *testing.T) {
	var network brokertest.Memory
	o, errs := withErrors(rooms.Options[*panicking]{Broker: network.Broker()})
	join(t, rooms.New(o), "lobby", 1, "ann")
	far := rooms.New(&rooms.Options[*panicking]{Broker: network.Broker()})
	if err := far.Broadcast("lobby", &panicking{"x"}); err != nil {
		t.Errorf("Broadcast = %v, want no error", err)
	}
	if err := <-errs; !errors.Is(err, rooms.ErrUndecodable) ||
		!strings.Contains(err.Error(), "at the disco") {
		t.Errorf("OnError(%v), want the panic as %v", err, rooms.ErrUndecodable)
	}
}

func TestEncodeError(t *testing.T) {
	var network brokertest.Memory
	o, errs := withErrors(rooms.Options[float64]{
		Broker: network.Broker(),
		Encode: func(float64) ([]byte, error) { return nil, errBroken },
	})
	r := rooms.New(o)
	ann := join(t, r, "lobby", 1, "ann")
	err := r.Broadcast("lobby", 1)
	if !errors.Is(err, errBroken) || !errors.Is(err, rooms.ErrUnsendable) || <-errs != err {
		t.Errorf("Broadcast = %v, want %v, and the hook to be told", err, errBroken)
	}
	wantMessages(t, "ann", ann.got())
}

// With a broker, New refuses what JSON would lose; without one, any type will do.
func TestTypesThatCannotCross(t *testing.T) {
	refused[*prepared](t, "rooms: Options.Encode, Options.Decode nil: *rooms_test.prepared has no "+
		"exported field, so that its JSON is empty: give both, or no Broker")
	refused[prepared](t, "has no exported field")
	refused[chan int](t, "cannot be JSON")
	refused[func()](t, "cannot be JSON")
	refused[any](t, "does not say which type")
	refused[fmt.Stringer](t, "does not say which type")
	allowed[struct{}](t)
	allowed[**message](t)
	allowed[struct{ message }](t)
	allowed[[]string](t)
}

func recovered[M any](o *rooms.Options[M]) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = fmt.Sprint(p)
		}
	}()
	rooms.New(o)
	return ""
}

func refused[M any](t *testing.T, want string) {
	t.Helper()
	one := &rooms.Options[M]{
		Broker: new(brokertest.Memory).Broker(),
		Encode: func(M) ([]byte, error) { return nil, nil },
	}
	for _, o := range []*rooms.Options[M]{{Broker: one.Broker}, one} {
		if got := recovered(o); !strings.HasPrefix(got, "rooms: Options.") ||
			!strings.Contains(got, want) {
			t.Errorf("New[%v] panics with %q, want %q", reflect.TypeFor[M](), got, want)
		}
	}
	if got := recovered[M](nil); got != "" {
		t.Errorf("New[%v] without a broker panics with %q, want no panic",
			reflect.TypeFor[M](), got)
	}
}

func allowed[M any](t *testing.T) {
	t.Helper()
	if got := recovered(&rooms.Options[M]{Broker: new(brokertest.Memory).Broker()}); got != "" {
		t.Errorf("New[%v] panics with %q, want no panic", reflect.TypeFor[M](), got)
	}
}

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
