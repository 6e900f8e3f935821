//go:build linux

// Package failover_test tests rooms on a Redis that is replaced: by Sentinel, and in a
// cluster.
package failover_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/rooms/internal/goroutines"
	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

func TestMain(m *testing.M) { goroutines.Main(m) }

// broker is one process's end, with a subscription to some rooms.
type broker struct {
	*redisrooms.Broker
	rooms   []string
	outages atomic.Int64 // told to the hook
	mu      sync.Mutex   // protects heard
	heard   map[string]map[string]bool
}

func newBroker(t *testing.T, c redis.UniversalClient, rooms ...string) *broker {
	t.Helper()
	b := &broker{rooms: rooms, heard: make(map[string]map[string]bool)}
	b.Broker = redisrooms.NewBroker(c, &redisrooms.BrokerOptions{OnOutage: func(err error) {
		if errors.Is(err, redisrooms.ErrOutage) {
			b.outages.Add(1)
		}
	}})
	t.Cleanup(b.Close)
	for _, room := range rooms {
		b.heard[room] = make(map[string]bool)
		err := b.Subscribe(room, func(data []byte, lost error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			if lost == nil {
				b.heard[room][string(data)] = true
			}
		})
		if err != nil {
			t.Fatalf("Subscribe(%q) = %v, want no error", room, err)
		}
	}
	return b
}

func (b *broker) has(room, text string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.heard[room][text]
}

// allHear has each of the brokers publish to each room, until all have heard it.
func allHear(t *testing.T, when string, all ...*broker) {
	t.Helper()
	for i, from := range all {
		for _, room := range from.rooms {
			text := fmt.Sprint(when, i)
			redistest.Eventually(t, fmt.Sprintf("all hear %q in %q", text, room), func() bool {
				err := from.Publish(room, []byte(text))
				for _, b := range all {
					if !b.has(room, text) {
						return false
					}
				}
				return err == nil
			})
		}
	}
}

func allTold(t *testing.T, all ...*broker) {
	t.Helper()
	for i, b := range all {
		redistest.Eventually(t, fmt.Sprint("process ", i, " is told"), func() bool {
			return b.outages.Load() > 0
		})
	}
}

// Contract 10.15: Sentinel replaces a master that was killed, or that stands still and
// comes back with the connections that it had.
func TestSentinel(t *testing.T) {
	for _, comesBack := range []bool{false, true} {
		t.Run(fmt.Sprint("comes back ", comesBack), func(t *testing.T) {
			t.Parallel()
			s := redistest.NewSentinel(t)
			var all []*broker
			for range 3 {
				all = append(all, newBroker(t, s.Connect(t), "room"))
			}
			allHear(t, "before", all...)
			s.Between.Stall()
			if comesBack {
				s.Master.Pause()
			} else {
				s.Master.Kill()
			}
			s.Promoted(t)
			if comesBack {
				s.Master.Resume()
			}
			s.Between.GoOn()
			allTold(t, all...)
			allHear(t, "after", all...)
		})
	}
}
