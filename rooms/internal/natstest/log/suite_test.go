package log_test

import (
	"cmp"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/logtest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// Contract 11.5: the suite on files and in memory, and on a connection that keeps for
// later, as nats.go does by default.
func TestSuite(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		options natsrooms.LogOptions
		conn    []nats.Option
	}{
		{name: "files", options: natsrooms.LogOptions{Count: 1000}},
		{name: "few", options: natsrooms.LogOptions{Count: 60}},
		{name: "memory", options: natsrooms.LogOptions{Memory: true}},
		{name: "keeps for later", conn: []nats.Option{nats.ReconnectBufSize(1 << 20)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			logtest.Run(t, func(t *testing.T) logtest.Store { return store(t, test.options, test.conn...) })
		})
	}
}

func store(t *testing.T, o natsrooms.LogOptions, conn ...nats.Option) logtest.Store {
	s := startNATS(t)
	store := logtest.Store{
		Connect: func(t *testing.T) rooms.Log { return newLog(t, s, o, conn...) },
		Count:   cmp.Or(o.Count, 256),
		Stop:    func(*testing.T) { s.Stop() },
		Start:   func(t *testing.T) { s.Start(t) },
		Lose:    func(t *testing.T) { s.Lose(t) },

		Snapshot: s.Snapshot,
	}
	if o.Memory { // then a restart is a loss
		store.Stop, store.Start, store.Snapshot = nil, nil, nil
		store.Lose = func(t *testing.T) { s.Stop(); s.Start(t) }
	}
	return store
}
