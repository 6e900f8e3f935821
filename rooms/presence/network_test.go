package presence_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/sim"
	"github.com/beatrichartz/martini-sockets/rooms/presence"
)

// onNetwork runs a test with some processes that know each other.
func onNetwork(t *testing.T, n int, run func(t *testing.T, net *sim.Network, h []*house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		net := sim.New(t, 1)
		var houses []*house
		for range n {
			houses = append(houses, newHouse(t, net, nil))
		}
		time.Sleep(time.Second)
		run(t, net, houses)
	})
}

// Contract 12.1: enter, update and leave are seen everywhere, as soon as the network
// carries them, and by a process that starts later.
func TestPresenceEverywhere(t *testing.T) {
	onNetwork(t, 2, func(t *testing.T, net *sim.Network, h []*house) {
		ann := h[0].enter("lobby", "ann", "1")
		time.Sleep(moment)
		h[1].enter("lobby", "ann", "2")
		h[1].enter("lobby", "bob", "3")
		time.Sleep(beat / 32) // changes in a row go together
		wantAll(t, "lobby", "ann=1,2 bob=3", h...)
		ann.Update("4")
		time.Sleep(beat / 32)
		wantAll(t, "lobby", "ann=4,2 bob=3", h...)

		h = append(h, newHouse(t, net, nil))
		time.Sleep(time.Second)
		wantAll(t, "lobby", "ann=4,2 bob=3", h...)
		ann.Leave()
		time.Sleep(moment)
		wantAll(t, "lobby", "ann=2 bob=3", h...)
	})
}

// Contract 12.1: a name that one may have. Both processes agree on who came first, and
// the one who entered later, knowing the other, is never first.
func TestPresenceNameHeldOnce(t *testing.T) {
	onNetwork(t, 2, func(t *testing.T, net *sim.Network, h []*house) {
		v, w := h[0].enter("lobby", "ann", "a"), h[1].enter("lobby", "ann", "b")
		time.Sleep(moment)
		held, same := h[0].Find("lobby", "ann"), h[1].Find("lobby", "ann")
		if len(held) != 2 || len(same) != 2 || held[0].ID != same[0].ID {
			t.Errorf("Find = %v and %v, want the same order", held, same)
		}
		for _, visitor := range []*presence.Visitor[string]{v, w} {
			if visitor.ID() != held[0].ID {
				visitor.Leave()
			}
		}
		time.Sleep(beat / 32)
		if got := len(h[0].Find("lobby", "ann")) + len(h[1].Find("lobby", "ann")); got != 2 {
			t.Errorf("there are %d visits in both lists together, want 2", got)
		}
		late := h[0].enter("lobby", "ann", "late")
		if held := h[0].Find("lobby", "ann"); len(held) != 2 || held[1].ID != late.ID() {
			t.Errorf("Find = %v, want the late one last", held)
		}
	})
}

// Contract 12.2: people of a closed process are gone at once, and of a killed one after
// three beats.
func TestPresenceEnd(t *testing.T) {
	onNetwork(t, 3, func(t *testing.T, net *sim.Network, h []*house) {
		for i, name := range []string{"ann", "bob", "cleo"} {
			h[i].enter("lobby", name, "x")
			time.Sleep(moment)
		}
		wantAll(t, "lobby", "ann=x bob=x cleo=x", h...)
		h[1].Close()
		time.Sleep(moment)
		wantAll(t, "lobby", "ann=x cleo=x", h[0], h[2])
		h[2].kill()
		time.Sleep(beat)
		wantAll(t, "lobby", "ann=x cleo=x", h[0])
		time.Sleep(2 * beat)
		wantAll(t, "lobby", "ann=x", h[0])
	})
}

// Contract 12.2: a process that starts anew does not bring back those whom it had before.
func TestPresenceRestart(t *testing.T) {
	onNetwork(t, 2, func(t *testing.T, net *sim.Network, h []*house) {
		h[0].enter("lobby", "ann", "x")
		h[1].enter("lobby", "bob", "x")
		time.Sleep(moment)
		h[1].kill()
		again := newHouse(t, net, nil)
		again.enter("lobby", "cleo", "x")
		time.Sleep(3 * beat)
		wantAll(t, "lobby", "ann=x cleo=x", h[0], again)
	})
}

// Contract 12.2: in a partition each side lists its own, and after it both list all.
func TestPresencePartition(t *testing.T) {
	onNetwork(t, 3, func(t *testing.T, net *sim.Network, h []*house) {
		ann := h[0].enter("lobby", "ann", "x")
		time.Sleep(beat / 32)
		h[1].enter("lobby", "bob", "x")
		time.Sleep(beat / 32)
		h[2].enter("lobby", "cleo", "x")
		time.Sleep(beat / 32)
		h[2].process.SetConditions(sim.Conditions{Island: 1})
		h[1].enter("lobby", "dora", "x")
		time.Sleep(3 * beat)
		wantAll(t, "lobby", "ann=x bob=x dora=x", h[:2]...)
		wantAll(t, "lobby", "cleo=x", h[2])
		ann.Leave()
		h[2].enter("lobby", "eve", "x")
		h[2].process.SetConditions(sim.Conditions{})
		time.Sleep(2 * beat)
		wantAll(t, "lobby", "bob=x cleo=x dora=x eve=x", h...)
	})
}

// Contract 12.2: losses, duplicates and delays of the network do not outlast it.
func TestPresenceBadNetwork(t *testing.T) {
	for _, c := range []sim.Conditions{
		{Loss: 0.5}, {Duplicate: 1}, {Delay: 3 * time.Second}, {Stalled: true},
	} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			onNetwork(t, 3, func(t *testing.T, net *sim.Network, h []*house) {
				h[1].process.SetConditions(c)
				for i := range 60 {
					v := h[i%3].enter("lobby", fmt.Sprint("guest ", i%20), fmt.Sprint(i))
					time.Sleep(beat / 16)
					if i < 57 {
						v.Leave()
					}
				}
				h[1].process.SetConditions(sim.Conditions{})
				time.Sleep(3 * beat)
				wantAll(t, "lobby", "guest 17=57 guest 18=58 guest 19=59", h...)
			})
		})
	}
}

// A process that was told of a loss asks at once, and does not wait for the next beat.
func TestPresenceLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := sim.New(t, 1)
		deaf := &deafBroker{Broker: net.Start().Broker()}
		here := newHouse(t, net, nil)
		there := newHouse(t, net, &presence.Options[string]{Broker: deaf})
		time.Sleep(time.Second)
		deaf.deaf.Store(true)
		here.enter("lobby", "ann", "x")
		time.Sleep(moment)
		wantAll(t, "lobby", "", there)
		deaf.deaf.Store(false)
		deaf.receive(nil, errBroken)
		time.Sleep(beat / 4)
		wantAll(t, "lobby", "ann=x", there)
		if got := there.told(); len(got) != 1 {
			t.Errorf("OnError got %v, want the loss", got)
		}
	})
}
