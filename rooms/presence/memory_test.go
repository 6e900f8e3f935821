package presence_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/sim"
	"github.com/beatrichartz/martini-sockets/rooms/presence"
)

// Contract 12.3: a room without people takes no memory, whoever hears of them, and
// however they went.
func TestPresenceRoomsAreFreed(t *testing.T) {
	hooks := []struct {
		name string
		hook func(*presence.Presence[string], string, []presence.Change[string])
	}{
		{name: "no hook"},
		{name: "quick hook", hook: func(*presence.Presence[string], string, []presence.Change[string]) {}},
		{name: "slow hook", hook: func(*presence.Presence[string], string, []presence.Change[string]) {
			time.Sleep(beat)
		}},
	}
	ends := []struct {
		name string
		end  func(h *house, visitors []*presence.Visitor[string])
	}{
		{name: "they leave", end: func(_ *house, visitors []*presence.Visitor[string]) {
			for _, v := range visitors {
				v.Leave()
			}
		}},
		{name: "closed", end: func(h *house, _ []*presence.Visitor[string]) { h.Close() }},
		{name: "killed", end: func(h *house, _ []*presence.Visitor[string]) { h.kill() }},
	}
	for _, hook := range hooks {
		for _, end := range ends {
			t.Run(hook.name+", "+end.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					net := sim.New(t, 1)
					h := newHouse(t, net, &presence.Options[string]{OnChange: hook.hook})
					there := newHouse(t, net, &presence.Options[string]{OnChange: hook.hook})
					var all []*presence.Visitor[string]
					for i := range 20 {
						all = append(all, there.enter(fmt.Sprint("room ", i), "ann", "x"))
						h.enter(fmt.Sprint("room ", i), "bob", "x").Leave()
					}
					time.Sleep(3 * beat)
					if got := presence.Rooms(h.Presence); got != 20 {
						t.Errorf("%d rooms in memory, want 20", got)
					}
					end.end(there, all)
					time.Sleep(6 * beat)
					for _, p := range []*house{h, there} {
						if got := presence.Rooms(p.Presence); got != 0 {
							t.Errorf("%d rooms in memory, want none", got)
						}
					}
				})
			})
		}
	}
}

// failingBroker fails to subscribe, once.
type failingBroker struct {
	rooms.Broker
	tried bool
}

func (b *failingBroker) Subscribe(room string, receive func([]byte, error)) error {
	if !b.tried {
		b.tried = true
		return errBroken
	}
	return b.Broker.Subscribe(room, receive)
}

// Contract 12.2: a process that could not subscribe at first asks the others when it can,
// and does not wait for their beats.
func TestPresenceSubscribesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := sim.New(t, 1)
		late := &failingBroker{Broker: net.Start().Broker()}
		h := newHouse(t, net, &presence.Options[string]{Broker: late})
		time.Sleep(beat / 2)
		newHouse(t, net, nil).enter("lobby", "ann", "x")
		time.Sleep(beat/2 + beat/8)
		wantAll(t, "lobby", "ann=x", h)
	})
}
