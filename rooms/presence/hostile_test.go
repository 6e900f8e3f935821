package presence_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/sim"
	"github.com/beatrichartz/martini-sockets/rooms/presence"
	"github.com/beatrichartz/martini-sockets/rooms/presence/internal/gossip"
)

// Contract 12.3: what another process says is checked, bounded, and never ends this one.
func TestPresenceHostile(t *testing.T) {
	id := gossip.ID{1}
	random := rand.New(rand.NewPCG(1, 1))
	noise := make([]byte, 100_000)
	for i := range noise {
		noise[i] = byte(random.IntN(256))
	}
	valid := (&gossip.Message{From: id, Beat: &gossip.Beat{Seq: 1}}).Encode()
	tests := []struct {
		name string
		data []byte
		told bool
	}{
		{name: "nothing", told: true},
		{name: "JSON", data: []byte(`{"people":[null],"history":[null]}`), told: true},
		{name: "null", data: []byte("null"), told: true},
		{name: "noise", data: noise, told: true},
		{name: "noise in a frame", data: append(valid[:19:19], noise...), told: true},
		{name: "huge", data: make([]byte, 10<<20), told: true},
		{name: "cut off", data: valid[:len(valid)-1], told: true},
		{name: "a process that nobody knows", data: valid},
		{name: "a bye of nobody", data: (&gossip.Message{From: id, Bye: true}).Encode()},
		{name: "asks of nobody", data: (&gossip.Message{From: id, Asks: []gossip.Ask{{}}}).Encode()},
	}
	for _, test := range tests {
		onNetwork(t, 2, func(t *testing.T, net *sim.Network, h []*house) {
			h[0].enter("lobby", "ann", "x")
			time.Sleep(moment)
			attacker := net.Start().Broker()
			if err := attacker.Publish("presence", test.data); err != nil {
				t.Fatalf("Publish = %v, want no error", err)
			}
			time.Sleep(moment)
			wantAll(t, "lobby", "ann=x", h...)
			told := h[1].told()
			if (len(told) > 0) != test.told {
				t.Errorf("%s: OnError got %v, want an error: %v", test.name, told, test.told)
			}
			if len(told) > 0 && !errors.Is(told[0], rooms.ErrUndecodable) {
				t.Errorf("%s: OnError got %v, want %v", test.name, told[0], rooms.ErrUndecodable)
			}
			time.Sleep(3 * beat)
			wantAll(t, "lobby", "ann=x", h...)
		})
	}
}

// Contract 12.3: a value that cannot be decoded, or whose decoder panics, is told once
// and not listed. The other people are, and nobody asks for it again.
func TestPresenceUndecodable(t *testing.T) {
	for _, bad := range []string{"refused", "panics", "null", "quits"} {
		synctest.Test(t, func(t *testing.T) {
			net := sim.New(t, 1)
			counting := &countingBroker{Broker: net.Start().Broker()}
			there := newHouse(t, net, &presence.Options[string]{Broker: counting})
			here := newHouse(t, net, &presence.Options[string]{Decode: picky})
			time.Sleep(time.Second)
			there.enter("lobby", "eve", bad)
			ann := there.enter("lobby", "ann", "x")
			time.Sleep(beat)
			wantAll(t, "lobby", "ann=x", here)
			if told := here.told(); len(told) != 1 || !errors.Is(told[0], rooms.ErrUndecodable) {
				t.Errorf("OnError got %v, want one %v", told, rooms.ErrUndecodable)
			}
			counting.count()
			time.Sleep(10 * beat)
			if messages, _ := counting.count(); messages != 10 {
				t.Errorf("%d messages in 10 beats, want 10", messages)
			}
			if err := ann.Update(bad); err != nil {
				t.Errorf("Update = %v, want no error", err)
			}
			time.Sleep(moment)
			wantAll(t, "lobby", "", here)
		})
	}
}

func picky(data []byte) (string, error) {
	switch string(data) {
	case "refused", "null":
		return "", errBroken
	case "panics":
		panic("picky")
	case "quits":
		runtime.Goexit()
	}
	return string(data), nil
}

// What the others could not read is not entered: only they would know.
func TestPresenceUnreadable(t *testing.T) {
	b := &slowBroker{}
	p := presence.New(&presence.Options[*string]{Broker: b})
	defer p.Close()
	if _, err := p.Enter("lobby", "ann", nil); err == nil || !strings.Contains(err.Error(), "nil") {
		t.Errorf("Enter with nil = %v, want an error that says so", err)
	}
	x := "x"
	v := enter(t, p, "lobby", "ann", &x)
	if err := v.Update(nil); err == nil {
		t.Error("Update to nil = no error, want one")
	}
	if held := p.Find("lobby", "ann"); len(held) != 1 || held[0].Value != &x {
		t.Errorf("Find = %v, want what was entered", held)
	}
}

// Contract 12.3: a process that claims more than the limits allow is refused and told of.
func TestPresenceTooMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := sim.New(t, 1)
		greedy := newHouse(t, net, &presence.Options[string]{MaxVisits: -1})
		here := newHouse(t, net, &presence.Options[string]{MaxVisits: 1000})
		third := newHouse(t, net, nil)
		time.Sleep(time.Second)
		third.enter("lobby", "ann", "x")
		for i := range 20_000 {
			greedy.enter(fmt.Sprint("room ", i), "eve", "x")
		}
		time.Sleep(3 * beat)
		wantAll(t, "lobby", "ann=x", here, third)
		if got := len(here.Names()); got > 1001 {
			t.Errorf("%d rooms are listed, want 1001 at most", got)
		}
		told := here.told()
		if len(told) == 0 || !errors.Is(told[0], rooms.ErrUndecodable) {
			t.Errorf("OnError got %v, want %v", told, rooms.ErrUndecodable)
		}
		if got := len(third.Names()); got != 20_001 {
			t.Errorf("who allows it lists %d rooms, want 20,001", got)
		}
	})
}

// Contract 12.3: what another process says never makes a visit without a value, of which
// a hook would not think.
func TestPresenceHostileNil(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := presence.New(&presence.Options[*message]{
			Broker: &slowBroker{},
			Encode: func(n *message) ([]byte, error) { return json.Marshal(n) },
			Decode: func(data []byte) (m *message, err error) { err = json.Unmarshal(data, &m); return m, err },
		})
		defer p.Close()
		if _, err := p.Enter("lobby", "ann", nil); err == nil || p.Len("lobby") != 0 {
			t.Errorf("Enter(nil) = %v, Len %d, want an error, and nobody", err, p.Len("lobby"))
		}
	})
}
