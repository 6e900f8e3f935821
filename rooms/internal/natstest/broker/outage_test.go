package broker_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

type chatMessage struct {
	From, N int
}

// process is one process's worth of rooms, with a publisher and two readers in each room.
type process struct {
	*rooms.Rooms[*chatMessage]
	id             int
	errors, failed atomic.Int64 // OnError was told, Broadcast returned
	outages        atomic.Int64 // OnError was told
	sent           atomic.Int64
	far            atomic.Int64 // read of the other process's
	members        sync.WaitGroup
	leave          []func()
}

func newProcess(t *testing.T, s *natstest.Server, id int) *process {
	p := &process{id: id}
	p.Rooms = rooms.New(&rooms.Options[*chatMessage]{
		Broker:  newBroker(t, s),
		Backlog: -1,
		OnError: func(_ string, err error) {
			switch {
			case errors.Is(err, natsrooms.ErrOutage):
				p.outages.Add(1)
			case errors.Is(err, rooms.ErrMissed): // what the other could not publish
			default:
				p.errors.Add(1)
			}
		},
	})
	return p
}

// read starts a member that checks the order of both publishers, and that none of its own
// process's is missing.
func (p *process) read(t *testing.T, room string) {
	in := make(chan *chatMessage, 10)
	m, err := p.Join(room, in, nil, nil)
	if err != nil {
		t.Fatalf("Join = %v, want no error", err)
	}
	p.leave = append(p.leave, func() { m.Leave(); close(in) }) // what is in it is read
	p.members.Go(func() {
		var last [2]int
		for msg := range in {
			own := msg.From == p.id
			if gap := msg.N - last[msg.From]; gap < 1 || own && gap != 1 {
				t.Errorf("process %d read %d of process %d after %d",
					p.id, msg.N, msg.From, last[msg.From])
			}
			last[msg.From] = msg.N
			if !own {
				p.far.Add(1)
			}
		}
		if sent := int(p.sent.Load()); last[p.id] != sent {
			t.Errorf("process %d read %d messages of its own, want all %d",
				p.id, last[p.id], sent)
		}
	})
}

func (p *process) publish(room string, until *atomic.Bool) {
	for !until.Load() {
		if p.Broadcast(room, &chatMessage{From: p.id, N: int(p.sent.Add(1))}) != nil {
			p.failed.Add(1)
		}
		time.Sleep(20 * time.Microsecond) // a pace that both readers can keep
	}
}

// Contract 10.5: two processes, thousands of messages, while NATS is killed and
// restarted. Members of the same process miss nothing, publishing reports errors to the
// caller and the hook, and afterwards delivery resumes. No goroutine, no subscription is
// left.
func TestOutages(t *testing.T) {
	const room = "lobby.*"
	s := natstest.NewServer(t)
	processes := []*process{newProcess(t, s, 0), newProcess(t, s, 1)}
	var done atomic.Bool
	var publishers sync.WaitGroup
	for _, p := range processes {
		p.read(t, room)
		p.read(t, room)
	}
	for _, p := range processes {
		publishers.Go(func() { p.publish(room, &done) })
	}
	for outage := range int64(3) {
		for _, p := range processes {
			p.hears(t)
			natstest.Eventually(t, "the outages are told", func() bool {
				return p.outages.Load() == outage
			})
		}
		s.Stop()
		for _, p := range processes {
			p.goesOn(t)
		}
		s.Start(t)
	}
	for _, p := range processes {
		p.hears(t)
	}
	done.Store(true)
	publishers.Wait()
	for _, p := range processes {
		p.end(t)
	}
	natstest.Eventually(t, "no subscription is left", func() bool { return s.Subscriptions() == 0 })
}

// hears waits for a thousand messages of the other process.
func (p *process) hears(t *testing.T) {
	t.Helper()
	far := p.far.Load()
	natstest.Eventually(t, "the other process is heard", func() bool {
		return p.far.Load() > far+1000
	})
}

// goesOn waits for errors of a thousand messages, which the members of the process have
// nevertheless.
func (p *process) goesOn(t *testing.T) {
	t.Helper()
	failed := p.failed.Load()
	natstest.Eventually(t, "publishing reports errors", func() bool {
		return p.failed.Load() > failed+1000
	})
}

func (p *process) end(t *testing.T) {
	t.Helper()
	natstest.Eventually(t, "no member has a backlog", func() bool { return p.Stats().Behind == 0 })
	for _, leave := range p.leave {
		leave()
	}
	p.members.Wait()
	if got, want := p.errors.Load(), p.failed.Load(); got != want {
		t.Errorf("OnError was told %d times, want %d as Broadcast returned errors", got, want)
	}
	got := p.Stats()
	if got.Rooms != 0 || got.Members != 0 || got.Behind != 0 || got.Removed != 0 {
		t.Errorf("Stats at the end = %+v, want nothing left and nobody removed", got)
	}
}
