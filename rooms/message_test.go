package rooms_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
	"github.com/beatrichartz/martini-sockets/rooms/memlog"
)

// reading is a message that not every value of can be JSON.
type reading struct {
	Text  string
	Value float64 `json:",omitempty"`
	bad   func() ([]byte, error)
}

func (r *reading) MarshalJSON() ([]byte, error) {
	if r.bad != nil {
		return r.bad()
	}
	type plain reading
	return json.Marshal((*plain)(r))
}

// carriers are the ways in which a message can travel.
func carriers[M any](t *testing.T, o rooms.Options[M],
	test func(t *testing.T, r *rooms.Rooms[M], carried func() int),
) {
	t.Helper()
	t.Run("none", func(t *testing.T) {
		test(t, rooms.New(&o), func() int { return 0 })
	})
	t.Run("broker", func(t *testing.T) {
		b, o := newFakeBroker(t), o
		o.Broker = b
		test(t, rooms.New(&o), func() int {
			b.mu.Lock() // the number of a message is said some time after it
			defer b.mu.Unlock()
			return len(b.published)
		})
	})
	t.Run("log", func(t *testing.T) {
		log := memlog.New(50, time.Minute)
		test(t, rooms.NewOnLog(log, &o).Rooms, func() int {
			page, err := log.Read(t.Context(), "lobby", rooms.Place{})
			if err != nil {
				t.Errorf("Read = %v, want no error", err)
			}
			return len(page.Entries)
		})
	})
}

// wantTold wants that OnError was told of err, and of nothing else.
func wantTold(t *testing.T, errs <-chan error, err error) {
	t.Helper()
	if len(errs) != 1 {
		t.Errorf("OnError was called %d times, want once", len(errs))
	} else if told := <-errs; told != err {
		t.Errorf("OnError(%v), want %v", told, err)
	}
}

type refusal[M any] struct {
	name string
	max  int
	msg  M
	want error // besides ErrUnsendable; nil: the message is sent
	text string
}

// testRefusals says each message, however messages travel.
func testRefusals[M any](t *testing.T, tests []refusal[M]) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o, errs := withErrors(rooms.Options[M]{MaxMessageSize: test.max})
			carriers(t, *o, func(t *testing.T, r *rooms.Rooms[M], carried func() int) {
				ann := join(t, r, "lobby", 1, "ann")
				err := r.Broadcast("lobby", test.msg)
				got, there := len(ann.got()), carried()
				if test.want == nil {
					if err != nil || got != 1 || len(errs) != 0 {
						t.Errorf("Broadcast = %v, the member got %d, want no error, 1", err, got)
					}
					return
				}
				if !errors.Is(err, rooms.ErrUnsendable) || !errors.Is(err, test.want) ||
					!strings.Contains(err.Error(), test.text) {
					t.Errorf("Broadcast = %v, want %v and %v", err, test.want, test.text)
				}
				if got+there != 0 || r.Len("lobby") != 1 || ann.code() != 0 {
					t.Errorf("the member got %d, the carrier %d, want neither, and nobody hurt",
						got, there)
				}
				wantTold(t, errs, err)
			})
		})
	}
}

// Contract 9.7: what the members cannot be sent is refused where it is said.
func TestUnsendable(t *testing.T) {
	tooBig, unsendable := rooms.ErrMessageTooBig, rooms.ErrUnsendable
	x := func(n int) string { return strings.Repeat("x", n) }
	testRefusals(t, []refusal[string]{
		{name: "default", msg: x(65_536)},
		{name: "over the default", msg: x(65_537), want: tooBig, text: "65537"},
		{name: "small limit", max: 3, msg: "four", want: tooBig},
		{name: "off", max: -1, msg: x(65_537)},
		{name: "no text", msg: "\xff", want: unsendable, text: "UTF-8"},
	})
	testRefusals(t, []refusal[[]byte]{
		{name: "default", msg: []byte(x(65_536))},
		{name: "over the default", msg: []byte(x(65_537)), want: tooBig},
		{name: "no text", msg: []byte("\xff")},
		{name: "nil", msg: nil},
	})
	testRefusals(t, []refusal[*frame]{
		{name: "default", msg: &frame{x(65_536)}},
		{name: "over the default", msg: &frame{x(65_537)}, want: tooBig},
		{name: "nil", msg: nil, want: unsendable, text: "nil is not"},
		{name: "empty", msg: &frame{}},
	})
	testRefusals(t, []refusal[*message]{
		{name: "angles", msg: &message{Text: strings.Repeat("<", 65_525)}},
		{name: "over the default", msg: &message{Text: x(65_526)}, want: tooBig},
		{name: "nil", msg: nil, want: unsendable, text: "nil is not"},
	})
	testRefusals(t, []refusal[*reading]{
		{name: "a value", msg: &reading{Value: 1e20}},
		{name: "NaN", msg: &reading{Value: math.NaN()}, want: unsendable, text: "NaN"},
		{name: "MarshalJSON fails", msg: &reading{bad: func() ([]byte, error) {
			return nil, errBroken
		}}, want: errBroken},
		{name: "MarshalJSON panics", msg: &reading{bad: func() ([]byte, error) {
			panic("at the disco")
		}}, want: unsendable, text: "message_test.go:"},
		{name: "no text", msg: &reading{bad: func() ([]byte, error) {
			return []byte("\"\xff\""), nil
		}}, want: unsendable, text: "UTF-8"},
	})
}

// A type that JSON would lose has no size that rooms could know.
func TestUnknownSize(t *testing.T) {
	r := rooms.New[func()](nil)
	ann := join(t, r, "lobby", 1, "ann")
	if err := r.Broadcast("lobby", nil); err != nil || len(ann.got()) != 1 {
		t.Errorf("Broadcast = %v, want no error, and the message", err)
	}
}

// Contract 9.7: what another process sends, and what a log has, is refused as well.
func TestUnsendableFromElsewhere(t *testing.T) {
	var network brokertest.Memory
	far := rooms.New(&rooms.Options[string]{Broker: network.Broker(), MaxMessageSize: -1})
	o, errs := withErrors(rooms.Options[string]{Broker: network.Broker(), MaxMessageSize: 3})
	r := rooms.New(o)
	ann := join(t, r, "lobby", 9, "ann")
	for _, text := range []string{"four", "\xff", "fit"} {
		if err := far.Broadcast("lobby", text); err != nil {
			t.Errorf("Broadcast(%q) = %v, want no error", text, err)
		}
	}
	wantMessages(t, "ann", ann.got(), "fit")
	if got := r.Stats().Undecodable; got != 2 || len(errs) != 2 {
		t.Fatalf("Undecodable = %d, told %d, want 2, 2", got, len(errs))
	}
	if err := <-errs; !errors.Is(err, rooms.ErrUndecodable) || !errors.Is(err, rooms.ErrMessageTooBig) {
		t.Errorf("OnError(%v), want %v and %v", err, rooms.ErrUndecodable, rooms.ErrMessageTooBig)
	}
}

// Contract 9.7: the members get the stamped message, so that is the one with a limit.
func TestStampedSize(t *testing.T) {
	const position = 27 // the length of the longest
	log, o := memlog.New(50, time.Minute), rooms.Options[string]{MaxMessageSize: 100}
	o.Stamp = func(text, position string) string { return text + " " + position }
	r := rooms.NewOnLog(log, &o)
	ann := join(t, r, "lobby", 9, "ann")
	fits := strings.Repeat("x", 100-position-1)
	if err := r.Broadcast("lobby", fits); err != nil || len(ann.got()) != 1 {
		t.Errorf("Broadcast = %v, want no error, and the message", err)
	}
	if err := r.Broadcast("lobby", fits+"x"); !errors.Is(err, rooms.ErrMessageTooBig) {
		t.Errorf("Broadcast = %v, want %v", err, rooms.ErrMessageTooBig)
	}
	// Another process may have another limit.
	o.MaxMessageSize = -1
	if err := rooms.NewOnLog(log, &o).Broadcast("lobby", fits+strings.Repeat("x", 30)); err != nil {
		t.Errorf("Broadcast = %v, want no error", err)
	}
	if got := len(ann.got()); got != 0 || r.Stats().Undecodable != 1 {
		t.Errorf("the member got %d, Undecodable %d, want 0, 1", got, r.Stats().Undecodable)
	}
}

// Contract 9.7: a Stamp that changes its argument changes a copy.
func TestStampTriesCopy(t *testing.T) {
	r := rooms.NewOnLog(memlog.New(50, time.Minute), &rooms.Options[[]byte]{
		Stamp: func(text []byte, _ string) []byte { text[0] = '!'; return text },
	})
	text := []byte("hello")
	if err := r.Broadcast("lobby", text); err != nil || string(text) != "hello" {
		t.Errorf("Broadcast = %v, and the message is %q, want hello", err, text)
	}
}

// nested is a message whose length is known only when its body is there.
type nested struct{ Body *struct{ Text string } }

func (n *nested) Len() int { return len(n.Body.Text) }

func plainJSON(data []byte) (n *nested, err error) {
	err = json.Unmarshal(data, &n)
	return n, err
}

// Contract 11.6: what a log has, or another process sends, ends nothing, whatever the
// user's own code makes of it. No member gets nil, which would end its connection.
func TestHostileMessages(t *testing.T) {
	type options = rooms.Options[*nested]
	tests := []struct {
		name, data string
		options    options
	}{
		{name: "Len panics", data: "{}"},
		{name: "Decode returns nil", data: "null", options: options{Decode: plainJSON}},
		{name: "Stamp panics", data: `{"Body":{}}`, options: options{
			Stamp: func(*nested, string) *nested { panic("stamp") }}},
		{name: "Stamp returns nil", data: `{"Body":{}}`, options: options{
			Stamp: func(*nested, string) *nested { return nil }}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			log := memlog.New(5, time.Minute)
			onLog := func(o *options) *rooms.Rooms[*nested] { return rooms.NewOnLog(log, o).Rooms }
			testHostile(t, test.options, onLog, func() {
				log.Append(t.Context(), "lobby", "", []byte("\x02another process.\x00"+test.data))
			})
			if test.options.Stamp != nil {
				return // which a broker has no use for
			}
			broker, o := newFakeBroker(t), test.options
			o.Broker = broker
			testHostile(t, o, rooms.New[*nested], func() {
				broker.receiver("lobby")(fromElsewhere(0, 1, test.data), nil)
			})
		})
	}
}

func testHostile(t *testing.T, o rooms.Options[*nested],
	make func(*rooms.Options[*nested]) *rooms.Rooms[*nested], send func(),
) {
	t.Helper()
	withHook, errs := withErrors(o)
	r := make(withHook)
	ann := join(t, r, "lobby", 1, "ann")
	send()
	if got := ann.got(); len(got) > 0 {
		t.Errorf("ann got %v, want nothing", got)
	}
	if got := r.Stats().Undecodable; got != 1 || len(errs) != 1 {
		t.Fatalf("Undecodable = %d, told %d, want 1", got, len(errs))
	}
	if err := <-errs; !errors.Is(err, rooms.ErrUndecodable) {
		t.Errorf("OnError(%v), want %v", err, rooms.ErrUndecodable)
	}
}
