package rooms_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
)

// Contract 10.5: what cannot be published is the caller's to know, and the hook's; the
// members of the process have it.
func TestPublishError(t *testing.T) {
	b := newFakeBroker(t)
	o, errs := withErrors(rooms.Options[string]{Broker: b})
	r := rooms.New(o)
	ann := join(t, r, "lobby", 1, "ann")
	b.failing.Store(true)
	err := r.Broadcast("lobby", "x")
	if want := `rooms: publish to "lobby": broken`; err == nil || !errors.Is(err, errBroken) ||
		err.Error() != want {
		t.Errorf("Broadcast = %v, want %s", err, want)
	}
	wantMessages(t, "ann", ann.got(), "x")
	if told := <-errs; told != err || r.Stats().Failed != 1 {
		t.Errorf("OnError(%v), Failed %d, want %v, 1", told, r.Stats().Failed, err)
	}
	ann.Leave()
	if told := <-errs; !errors.Is(told, errBroken) {
		t.Errorf("OnError(%v) after Leave, want the error of Unsubscribe", told)
	}
}

// Contract 10.2: whatever the broker does, a message does not come back.
func TestNeverBack(t *testing.T) {
	b := newFakeBroker(t)
	o, errs := withErrors(rooms.Options[string]{Broker: b})
	encoded := 0
	o.Encode = func(m string) ([]byte, error) {
		encoded++
		return []byte(m), nil
	}
	r := rooms.New(o)
	ann := join(t, r, "lobby", 9, "ann")
	bob := join(t, r, "lobby", 9, "bob")
	bob.BroadcastOthers("x")
	wantMessages(t, "ann", ann.got(), "x")
	wantMessages(t, "bob", bob.got())
	if encoded != 1 || len(b.published) != 1 || len(errs) != 0 {
		t.Errorf("encoded %d, published %d, errors %d, want 1, 1, 0",
			encoded, len(b.published), len(errs))
	}
	// The same message is another's when another process sends it.
	other := rooms.New(&rooms.Options[string]{Broker: b})
	if err := other.Broadcast("lobby", "x"); err != nil {
		t.Errorf("Broadcast = %v, want no error", err)
	}
	wantMessages(t, "bob", bob.got(), "x")
}

// earlyBroker looks at a member before it publishes.
type earlyBroker struct {
	*fakeBroker
	look func()
}

func (b earlyBroker) Publish(room string, data []byte) error {
	b.look()
	return b.fakeBroker.Publish(room, data)
}

// Contract 10.2: the members of the process are served before the network.
func TestMembersBeforeNetwork(t *testing.T) {
	var ann *client[string]
	r := rooms.New(&rooms.Options[string]{Broker: earlyBroker{newFakeBroker(t), func() {
		if len(ann.in) != 1 {
			t.Errorf("when Publish is called, the member has %d messages, want 1", len(ann.in))
		}
	}}})
	ann = join(t, r, "lobby", 9, "ann")
	if err := r.Broadcast("lobby", "x"); err != nil {
		t.Errorf("Broadcast = %v, want no error", err)
	}
}

// What the broker has lost is told, never silent.
func TestLost(t *testing.T) {
	b := newFakeBroker(t)
	o, errs := withErrors(rooms.Options[string]{Broker: b})
	r := rooms.New(o)
	ann := join(t, r, "lobby", 1, "ann")
	b.receiver("lobby")(nil, errBroken)
	if told := <-errs; !errors.Is(told, errBroken) ||
		!strings.Contains(told.Error(), `"lobby"`) || r.Stats().Failed != 1 {
		t.Errorf("OnError(%v), Failed %d, want the broker's error and the room, 1",
			told, r.Stats().Failed)
	}
	wantMessages(t, "ann", ann.got())
}

// Hooks of the broker's side may use the rooms as well.
func TestErrorHookUsesRooms(t *testing.T) {
	var network brokertest.Memory
	far := rooms.New(&rooms.Options[string]{Broker: network.Broker()})
	var ann *client[[2]int]
	var r *rooms.Rooms[[2]int]
	r = rooms.New(&rooms.Options[[2]int]{
		Broker: network.Broker(),
		OnError: func(room string, err error) {
			ann.Leave()
			join(t, r, room, 1, nil).Leave()
			r.Broadcast("other", [2]int{})
		},
	})
	ann = join(t, r, "lobby", 1, "ann")
	far.Broadcast("lobby", "not two numbers")
	if got := fmt.Sprint(r.Stats()); got != fmt.Sprint(rooms.Stats{Undecodable: 1}) {
		t.Errorf("Stats = %v, want one undecodable message and nobody there", got)
	}
}
