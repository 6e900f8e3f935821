package rooms_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/goroutines"
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

// Contract 10.5: members of the process are served at once, and no broadcast waits longer
// than a second for a broker that stands still. When it goes on, so do broadcasts; what
// was refused meanwhile is not sent late.
func TestStalledBroker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFakeBroker(t)
		b.stall = make(chan struct{})
		o, errs := withErrors(rooms.Options[string]{Broker: b})
		r := rooms.New(o)
		ann := join(t, r, "lobby", 200, "ann")
		broadcast := func(msg string) (took time.Duration, err error) {
			start := time.Now()
			err = r.Broadcast("lobby", msg)
			return time.Since(start), err
		}
		go func() {
			if took, err := broadcast("first"); !errors.Is(err, rooms.ErrSlowBroker) || took != time.Second {
				t.Errorf("Broadcast = %v after %v, want %v after 1s", err, took, rooms.ErrSlowBroker)
			}
		}()
		synctest.Wait()
		wantMessages(t, "ann, before the broker has published,", ann.got(), "first")
		time.Sleep(time.Minute)
		for i := range 100 {
			if took, err := broadcast("refused"); !errors.Is(err, rooms.ErrSlowBroker) || took != 0 {
				t.Errorf("Broadcast %d = %v after %v, want %v at once",
					i, err, took, rooms.ErrSlowBroker)
			}
		}
		synctest.Wait() // until the goroutines that have called OnError are gone
		if got := goroutines.Count(); got != 1 || len(errs) != 101 || len(ann.got()) != 100 {
			t.Errorf("goroutines %d, OnError %d, want 1, 101, and 100 messages for ann",
				got, len(errs))
		}
		close(b.stall)
		synctest.Wait()
		if took, err := broadcast("last"); err != nil || took != 0 {
			t.Errorf("Broadcast when the broker goes on = %v after %v, want no error at once",
				err, took)
		}
		b.wantPublished("first", "last")
		ann.Leave()
	})
}

// Contract 10.5: one publisher's messages keep their order, also beside others.
func TestPublishOrder(t *testing.T) {
	b := newFakeBroker(t)
	r := rooms.New(&rooms.Options[string]{Broker: b})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 1000 {
			r.Broadcast("lobby", "noise")
		}
	}()
	var want []string
	for i := range 1000 {
		want = append(want, fmt.Sprint(i))
		r.Broadcast("lobby", want[i])
	}
	<-done
	b.dropPublished("noise")
	b.wantPublished(want...)
}
