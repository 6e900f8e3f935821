//go:build linux

package cluster_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest/cluster"
	"github.com/beatrichartz/martini-sockets/rooms/internal/subjects"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// All that the tests of this folder use of the package under test is in this file.

const stream = "ROOMS"

type logOptions = natsrooms.LogOptions

// process is a process's connection, and its log or its broker.
type process struct {
	ways   cluster.Client
	nc     *nats.Conn
	log    *natsrooms.Log
	broker *natsrooms.Broker
}

// connect starts a process that notices an outage in two seconds, which is otherwise
// fifteen. It can reach these servers, by default all.
func (w *world) connect(servers ...int) *process {
	p := &process{ways: w.c.Client(w.t)}
	for i, way := range p.ways {
		way.Refuse(len(servers) > 0 && !slices.Contains(servers, i))
	}
	p.nc = natstest.Connect(w.t, p.ways.URL(), nats.PingInterval(500*time.Millisecond),
		nats.MaxPingsOutstanding(2), nats.Timeout(time.Second))
	w.processes = append(w.processes, p)
	return p
}

func (w *world) connectLog() *process {
	p := w.connect()
	p.log = natsrooms.NewLog(p.nc, &w.options)
	w.t.Cleanup(p.log.Close)
	return p
}

func (w *world) connectBroker(onOutage func(error), servers ...int) *process {
	p := w.connect(servers...)
	p.broker = natsrooms.NewBroker(p.nc, &natsrooms.BrokerOptions{OnOutage: onOutage})
	w.t.Cleanup(p.broker.Close)
	return p
}

// Connect is World.Connect. The first waits for its log.
func (w *world) Connect() (rooms.Log, func()) {
	p := w.connectLog()
	if !w.ready {
		ctx, cancel := context.WithTimeout(w.t.Context(), natstest.Patience)
		defer cancel()
		if err := p.log.Ready(ctx); err != nil {
			w.t.Fatalf("Ready = %v, want no error", err)
		}
		w.ready = true
	}
	return p.log, func() { w.kill(p) }
}

// kill ends a process with what is on its way, and then frees what it had.
func (w *world) kill(p *process) {
	for _, way := range p.ways {
		way.Refuse(true)
	}
	p.nc.Close()
	if p.log != nil {
		p.log.Close()
	}
	for i, other := range w.processes {
		if other == p {
			w.processes = append(w.processes[:i:i], w.processes[i+1:]...)
		}
	}
}

func subject(room string) string { return "rooms.log." + subjects.Token(room) }

// Holds is World.Holds. The text is the end of what the log keeps.
func (w *world) Holds(room string) (ids map[string]bool, err error) {
	s, err := w.a.JetStream().Stream(w.t.Context(), stream)
	if err != nil {
		return nil, err
	}
	ids = make(map[string]bool)
	for seq := uint64(1); ; {
		msg, err := s.GetMsg(w.t.Context(), seq, jetstream.WithGetMsgSubject(subject(room)))
		switch {
		case errors.Is(err, jetstream.ErrMsgNotFound):
			return ids, nil
		case err != nil:
			return nil, err
		}
		var said struct{ ID string }
		json.Unmarshal(msg.Data[max(0, bytes.LastIndexByte(msg.Data, '{')):], &said)
		ids[said.ID] = true
		seq = msg.Sequence + 1
	}
}

// newChat makes the rooms of a process.
func newChat(p *process) *rooms.LogRooms[*history.Text] {
	return rooms.NewOnLog(p.log, &rooms.Options[*history.Text]{
		Backlog: 2000,
		Stamp:   func(m *history.Text, at string) *history.Text { m.At = at; return m },
	})
}

// newBroadcasts makes the rooms of a process on its broker.
func newBroadcasts(p *process, onError func(room string, err error)) *rooms.Rooms[string] {
	return rooms.New(&rooms.Options[string]{Broker: p.broker, OnError: onError})
}
