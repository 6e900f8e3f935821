package presence_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/sim"
	"github.com/beatrichartz/martini-sockets/rooms/presence"
)

// countingBroker counts what is published.
type countingBroker struct {
	rooms.Broker
	messages, bytes, largest atomic.Int64
}

func (b *countingBroker) Publish(room string, data []byte) error {
	b.messages.Add(1)
	b.bytes.Add(int64(len(data)))
	b.largest.Store(max(b.largest.Load(), int64(len(data))))
	return b.Broker.Publish(room, data)
}

// count returns the messages and the bytes since it was called last.
func (b *countingBroker) count() (messages, bytes int64) {
	return b.messages.Swap(0), b.bytes.Swap(0)
}

// crowded is some processes with many people in many rooms, who know of each other.
func crowded(t *testing.T, n, inRooms, people int) ([]*house, *countingBroker) {
	net := sim.New(t, 1)
	counting := &countingBroker{Broker: net.Start().Broker()}
	h := []*house{newHouse(t, net, &presence.Options[string]{Broker: counting})}
	for range n - 1 {
		h = append(h, newHouse(t, net, nil))
	}
	for i := range inRooms {
		for j := range people {
			h[j%n].enter(fmt.Sprint("room ", i), fmt.Sprint("guest ", j), "x")
		}
	}
	time.Sleep(2 * beat)
	return h, counting
}

// Contract 12.3: at rest a beat is one short message a process, whatever there is.
func TestPresenceRest(t *testing.T) {
	tests := []struct{ inRooms, people int }{{0, 0}, {1, 3}, {1000, 6}}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			h, counting := crowded(t, 3, test.inRooms, test.people)
			if got := len(h[2].Names()); got != test.inRooms {
				t.Errorf("the last process lists %d rooms, want %d", got, test.inRooms)
			}
			counting.count()
			time.Sleep(100 * beat)
			messages, bytes := counting.count()
			if messages != 100 || bytes > 50*100 {
				t.Errorf("%d rooms at rest: %d messages of %d bytes in 100 beats, want 100 of 50 at most",
					test.inRooms, messages, bytes)
			}
		})
	}
}

// Contract 12.3: one change is one message, and a burst of them is a few, each of which
// is bounded in size.
func TestPresenceBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, counting := crowded(t, 3, 10, 3)
		time.Sleep(beat / 2)
		counting.count()
		h[0].enter("lobby", "ann", "x")
		time.Sleep(moment)
		if messages, _ := counting.count(); messages != 1 {
			t.Errorf("one change: %d messages, want 1", messages)
		}
		time.Sleep(beat - moment)
		counting.count()
		for i := range 10_000 {
			h[0].enter("burst", fmt.Sprint("guest ", i), "x")
		}
		time.Sleep(beat / 4)
		messages, bytes := counting.count()
		if most := 4 + bytes/(32<<10); messages > most || counting.largest.Load() > 64<<10 {
			t.Errorf("10,000 changes: %d messages, the largest has %d bytes, want %d and 64 KiB at most",
				messages, counting.largest.Load(), most)
		}
		for _, other := range h {
			if got := other.Len("burst"); got != 10_000 {
				t.Errorf("Len = %d, want 10,000", got)
			}
		}
	})
}

// Contract 12.3: who has missed one change is sent that change, and not all there is.
func TestPresenceAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, counting := crowded(t, 2, 100, 20)
		h[1].process.SetConditions(sim.Conditions{Island: 1})
		h[0].enter("lobby", "ann", "x")
		time.Sleep(beat / 4)
		h[1].process.SetConditions(sim.Conditions{})
		counting.count()
		time.Sleep(2 * beat)
		if _, bytes := counting.count(); bytes > 1000 {
			t.Errorf("one lost change: %d bytes were sent, want 1000 at most", bytes)
		}
		wantAll(t, "lobby", "ann=x", h...)
	})
}

// Contract 12.3: a process that starts is sent everything, once, in bounded messages.
func TestPresenceNewcomer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := sim.New(t, 1)
		counting := &countingBroker{Broker: net.Start().Broker()}
		h := newHouse(t, net, &presence.Options[string]{Broker: counting})
		for i := range 2000 {
			h.enter("lobby", fmt.Sprint("guest ", i), "x")
		}
		time.Sleep(beat)
		_, everything := counting.count()
		for range 3 { // at about the same time
			late := newHouse(t, net, nil)
			time.Sleep(beat / 16)
			if got := late.Len("lobby"); got != 2000 {
				t.Errorf("a newcomer lists %d people after %v, want 2000", got, beat/16)
			}
			time.Sleep(beat / 4)
		}
		_, bytes := counting.count()
		if most := 3*everything + 3000; bytes > most || counting.largest.Load() > 64<<10 {
			t.Errorf("3 newcomers are sent %d bytes, the largest message has %d, want %d and 64 KiB at most",
				bytes, counting.largest.Load(), most)
		}
	})
}
