package sim_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/sim"
)

// ear notes what a subscription gets.
type ear struct {
	mu   sync.Mutex
	got  []string
	lost int
}

func listen(t *testing.T, b rooms.Broker, room string) *ear {
	e := &ear{}
	err := b.Subscribe(room, func(data []byte, lost error) {
		e.mu.Lock()
		defer e.mu.Unlock()
		if lost != nil {
			e.lost++
			return
		}
		e.got = append(e.got, string(data))
	})
	if err != nil {
		t.Fatalf("Subscribe = %v, want no error", err)
	}
	return e
}

// Contract 13.1: what arrives, what is told, and what Publish says, under each condition.
func TestSimConditions(t *testing.T) {
	bad := sim.Conditions{}
	tests := []struct {
		name       string
		conditions sim.Conditions
		lasts      time.Duration
		all        bool // arrives, though late
		told       bool
		fails      bool // Publish, in the end
	}{
		{name: "good", conditions: bad, lasts: time.Second, all: true},
		{name: "apart", conditions: sim.Conditions{Island: 1}, lasts: 10 * time.Second,
			told: true, fails: true},
		{name: "apart for a moment", conditions: sim.Conditions{Island: 1},
			lasts: time.Second, told: true},
		{name: "stalled for a moment", conditions: sim.Conditions{Stalled: true},
			lasts: time.Second, all: true},
		{name: "stalled", conditions: sim.Conditions{Stalled: true},
			lasts: 20 * time.Second, told: true, fails: true},
		{name: "loses", conditions: sim.Conditions{Loss: 0.5}, lasts: time.Second,
			told: true},
		{name: "duplicates", conditions: sim.Conditions{Duplicate: 1},
			lasts: time.Second, all: true},
		{name: "overtakes", conditions: sim.Conditions{Delay: time.Second},
			lasts: time.Second, told: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				net := sim.New(t, 1)
				from, to := net.Start(), net.Start()
				in := listen(t, to.Broker(), "room")
				from.Broker()
				to.SetConditions(test.conditions)
				var want []string
				var last error
				for start := time.Now(); time.Since(start) < test.lasts; {
					want = append(want, fmt.Sprint(len(want)+100))
					last = from.Broker().Publish("room", []byte(want[len(want)-1]))
					time.Sleep(50 * time.Millisecond)
				}
				if test.fails != errors.Is(last, sim.ErrUnreachable) {
					t.Errorf("the last Publish = %v, want an error: %v", last, test.fails)
				}
				to.SetConditions(sim.Conditions{})
				time.Sleep(6 * time.Second)
				in.mu.Lock()
				defer in.mu.Unlock()
				if test.all != slices.Equal(in.got, want) || !slices.IsSorted(in.got) ||
					len(slices.Compact(slices.Clone(in.got))) != len(in.got) {
					t.Errorf("received %v, want all of %v: %v", in.got, want, test.all)
				}
				if test.told != (in.lost > 0) {
					t.Errorf("told %d times, want to be told: %v", in.lost, test.told)
				}
			})
		})
	}
}

// A service that answers requests: what a log is built on.
func TestSimSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := sim.New(t, 1)
		client, service := net.Start(), net.Start()
		answers, asked := make(chan int, 10), 0
		request := func() {
			client.Send(service, func() {
				asked++
				n := asked
				service.Send(client, func() { answers <- n })
			})
			time.Sleep(time.Second)
		}
		request()
		client.SetConditions(sim.Conditions{Duplicate: 1})
		request() // comes twice, and each answer as well
		client.SetConditions(sim.Conditions{Island: 1})
		request()
		client.SetConditions(sim.Conditions{})
		service.Kill()
		request()
		if asked != 3 || len(answers) != 5 {
			t.Errorf("%d requests and %d answers arrived, want 3 and 5", asked, len(answers))
		}
	})
}

// Who was killed sends nothing any more.
func TestSimKill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := sim.New(t, 1)
		killed, other := net.Start(), net.Start()
		arrived := 0
		killed.Send(other, func() { arrived++ })
		time.Sleep(time.Second)
		killed.Kill()
		killed.Send(other, func() { arrived++ })
		time.Sleep(time.Second)
		synctest.Wait()
		if arrived != 1 {
			t.Errorf("%d messages arrived, want the one of before Kill", arrived)
		}
	})
}

// The broker of a process refuses what two Rooms on one broker would do.
func TestSimSubscribeTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := sim.New(t, 1).Start().Broker()
		listen(t, b, "room")
		err := b.Subscribe("room", func([]byte, error) {})
		if !errors.Is(err, sim.ErrSubscribed) {
			t.Errorf("second Subscribe = %v, want %v", err, sim.ErrSubscribed)
		}
	})
}

// The same seed is the same history.
func TestSimSeed(t *testing.T) {
	history := func(seed uint64) (all []string) {
		synctest.Test(t, func(t *testing.T) {
			net := sim.New(t, seed)
			from, to := net.Start(), net.Start()
			in := listen(t, to.Broker(), "room")
			to.SetConditions(sim.Conditions{Loss: 0.5, Delay: time.Second})
			for i := range 100 {
				from.Broker().Publish("room", fmt.Append(nil, i))
				time.Sleep(10 * time.Millisecond)
			}
			time.Sleep(10 * time.Second)
			in.mu.Lock()
			defer in.mu.Unlock()
			all = in.got
		})
		return all
	}
	if first, again := history(1), history(1); !slices.Equal(first, again) {
		t.Errorf("seed 1 = %v, then %v, want the same", first, again)
	}
	if first, other := history(1), history(2); slices.Equal(first, other) {
		t.Errorf("seeds 1 and 2 = %v, want others", first)
	}
}
