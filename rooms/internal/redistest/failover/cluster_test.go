//go:build linux

package failover_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/subjects"
)

// spread returns rooms, some at each server of a cluster, with their keys: of a broker,
// or of a log.
func spread(t *testing.T, c *redistest.Cluster, key string) (rooms []string, of [][]string) {
	t.Helper()
	of = make([][]string, len(c.Servers))
	for i := range 12 {
		room := fmt.Sprint("room ", i)
		owner := c.Owner(t, fmt.Sprintf(key, subjects.Token(room)))
		rooms, of[owner] = append(rooms, room), append(of[owner], room)
	}
	for i, some := range of {
		if len(some) == 0 {
			t.Fatalf("no room is at server %d of %d", i, len(of))
		}
	}
	return rooms, of
}

const (
	brokerKey = "rooms:b:%s"
	logKey    = "rooms:s:{%s}"
)

// Contract 10.15: a broker in a cluster: rooms at all servers, slots that are moved, and
// a server that is killed, while the others go on.
func TestBrokerInCluster(t *testing.T) {
	t.Parallel()
	c := redistest.NewCluster(t, 3)
	names, of := spread(t, c, brokerKey)
	var all []*broker
	for range 3 {
		all = append(all, newBroker(t, c.Connect(t), names...))
	}
	allHear(t, "before", all...)
	moved := of[0][0]
	c.Move(t, fmt.Sprintf(brokerKey, subjects.Token(moved)), c.Servers[0], c.Servers[1])
	allHear(t, "moved", all...)
	c.Servers[2].Kill()
	redistest.Eventually(t, "the rooms of the others go on", func() bool {
		return all[0].Publish(of[1][0], []byte("beside")) == nil && all[1].has(of[1][0], "beside")
	})
	redistest.Eventually(t, "those of the dead one do not", func() bool {
		return all[0].Publish(of[2][0], []byte("dead")) != nil
	})
	c.Servers[2].Start(t)
	allHear(t, "after", all...)
	allTold(t, all...)
}

// Contract 10.15: a log in a cluster. Nothing that was acknowledged is missed.
func TestLogInCluster(t *testing.T) {
	t.Parallel()
	c := redistest.NewCluster(t, 3)
	names, of := spread(t, c, logKey)
	speaks, hears := newLog(t, c.Connect(t)), newLog(t, c.Connect(t))
	last := make(map[string]rooms.Place)
	for _, room := range names {
		at, err := hears.Follow(t.Context(), room, func(rooms.News) {})
		if err != nil {
			t.Fatalf("Follow(%q) = %v, want no error", room, err)
		}
		last[room] = at
	}
	round := 0
	sayAndRead := func(when string) {
		t.Helper()
		round++
		for _, room := range names {
			text := fmt.Sprint(when, round)
			redistest.Eventually(t, "Append to "+room, func() bool {
				_, err := speaks.Append(t.Context(), room, text, []byte(text))
				return err == nil
			})
			page, err := hears.Read(t.Context(), room, last[room])
			if err != nil || !page.Whole || len(page.Entries) != 1 || string(page.Entries[0].Data) != text {
				t.Fatalf("%s: Read(%q) = %+v, %v, want %s, whole", when, room, page, err, text)
			}
			last[room] = page.Entries[0].Place
		}
	}
	sayAndRead("before")
	sayAndRead("again")
	c.Move(t, fmt.Sprintf(logKey, subjects.Token(of[0][0])), c.Servers[0], c.Servers[1])
	sayAndRead("moved")
	c.Servers[2].Kill()
	begun := time.Now()
	if _, err := speaks.Append(t.Context(), of[1][0], "beside", []byte("x")); err != nil {
		t.Errorf("Append beside a dead server = %v after %v, want no error", err, time.Since(begun))
	}
	page, err := hears.Read(t.Context(), of[1][0], last[of[1][0]])
	if err != nil || len(page.Entries) != 1 {
		t.Fatalf("Read = %+v, %v, want one", page, err)
	}
	last[of[1][0]] = page.Entries[0].Place
	c.Servers[2].Start(t)
	sayAndRead("after")
}
