//go:build linux

package log_test

import (
	"cmp"
	"fmt"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/logtest"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

// Contract 11.9: the suite.
func TestSuite(t *testing.T) {
	for _, o := range []redisrooms.LogOptions{{}, {Count: 60}, {Count: 1000}} {
		t.Run(fmt.Sprint(o.Count), func(t *testing.T) {
			t.Parallel()
			logtest.Run(t, func(t *testing.T) logtest.Store { return store(t, o) })
		})
	}
}

func store(t *testing.T, o redisrooms.LogOptions) logtest.Store {
	s := redistest.NewServer(t)
	return logtest.Store{
		Connect: func(t *testing.T) rooms.Log { return newLog(t, s.Address(), o) },
		Count:   cmp.Or(o.Count, 256),
		Stop:    func(*testing.T) { s.Kill() },
		Start:   func(t *testing.T) { s.Start(t) },
		Lose:    func(t *testing.T) { s.Lose(t) },

		Snapshot: s.Snapshot,
	}
}
