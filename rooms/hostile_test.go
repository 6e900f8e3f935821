package rooms_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/memlog"
)

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
	from := strings.Repeat("x", envelope-1)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			log, o := memlog.New(5, time.Minute), test.options
			o.Log = log
			testHostile(t, o, func() {
				log.Append(t.Context(), "lobby", "", []byte("\x02"+from+"\x00"+test.data))
			})
			if test.options.Stamp != nil {
				return // which a broker has no use for
			}
			broker, o := newFakeBroker(t), test.options
			o.Broker = broker
			testHostile(t, o, func() {
				broker.receiver("lobby")([]byte("\x01"+from+test.data), nil)
			})
		})
	}
}

func testHostile(t *testing.T, o rooms.Options[*nested], send func()) {
	t.Helper()
	withHook, errs := withErrors(o)
	r := rooms.New(withHook)
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
