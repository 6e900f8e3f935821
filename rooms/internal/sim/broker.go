package sim

import (
	"bytes"
	"errors"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"
)

// What the broker of a [Process] says of the network.
var (
	// ErrUnreachable is returned while another process has not been heard for a while.
	ErrUnreachable = errors.New("sim: a process cannot be reached")
	// errLost is what subscribers get if messages of another process were lost.
	errLost = errors.New("sim: messages were lost")
	// ErrSubscribed is returned for the second subscription to a room.
	ErrSubscribed = errors.New("sim: subscribed to that room already")
)

// hesitation is how long Publish may wait.
const hesitation = 3 * time.Second

// broker keeps the promises of a broker on a bad network. It numbers what it sends to
// each peer. So the peer drops what comes twice or late, and sees gaps. Beats carry the
// number, too, so the loss of a last message is also noticed.
type broker struct {
	process *Process
	every   time.Duration // between beats; drawn, so that no two beat at the same instant

	mu    sync.Mutex // protects the fields below
	rand  *rand.Rand
	rooms map[string]func([]byte, error)
	busy  map[string]bool // rooms that Subscribe or Unsubscribe work on
	peers []*peer         // in the order in which they were met
}

func newBroker(p *Process) *broker {
	r := p.sim.stream(forBroker, p.id, 0)
	return &broker{
		process: p,
		every:   beatPause - time.Duration(r.Int64N(int64(beatPause/10))),
		rand:    r,
		rooms:   make(map[string]func([]byte, error)),
		busy:    make(map[string]bool),
	}
}

// Publish waits while the process is stalled, as a full buffer would make it: longer
// than a broadcast may.
func (b *broker) Publish(room string, data []byte) error {
	if !b.hesitate() {
		return ErrUnreachable
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	data = bytes.Clone(data)
	var err error
	for _, p := range b.known() {
		if p.silent {
			err = ErrUnreachable
			continue
		}
		p.sent++
		to, n := p.process.broker, p.sent
		b.process.Send(p.process, func() { to.arrive(b.process, n, room, data) })
	}
	if b.rand.IntN(4) == 0 { // brokers may let the publisher hear itself
		b.process.Send(b.process, func() { b.give(room, data) })
	}
	return err
}

// hesitate waits for a while, and reports whether the process is still alive.
func (b *broker) hesitate() bool {
	if !b.process.Conditions().Stalled {
		return true
	}
	b.mu.Lock()
	wait := 1 + time.Duration(b.rand.Int64N(int64(hesitation)))
	b.mu.Unlock()
	select {
	case <-time.After(wait):
		return true
	case <-b.process.quit:
		return false
	}
}

// Subscribe may fail while the process has no good network, as the contract lets it.
func (b *broker) Subscribe(room string, receive func([]byte, error)) error {
	c := b.process.Conditions()
	b.begin(room)
	defer b.end(room)
	b.mu.Lock()
	defer b.mu.Unlock()
	if (c.Stalled || c.Island != 0) && b.rand.IntN(2) == 0 {
		return ErrUnreachable
	}
	if b.rooms[room] != nil {
		return ErrSubscribed
	}
	b.rooms[room] = receive
	return nil
}

func (b *broker) Unsubscribe(room string) error {
	b.begin(room)
	defer b.end(room)
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.rooms, room)
	return nil
}

// begin and end let other goroutines run, without time passing: a goroutine that waits
// for a mutex meanwhile would stop the bubble's clock.
func (b *broker) begin(room string) {
	b.mu.Lock()
	if b.busy[room] {
		b.process.sim.t.Errorf("process %d: Subscribe or Unsubscribe(%.20q) during another",
			b.process.id, room)
	}
	b.busy[room] = true
	n := b.rand.IntN(20)
	b.mu.Unlock()
	for range n {
		runtime.Gosched()
	}
}

func (b *broker) end(room string) {
	b.mu.Lock()
	n := b.rand.IntN(20)
	b.mu.Unlock()
	for range n {
		runtime.Gosched()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.busy, room)
}

// give hands a message to the room's subscriber, if there is one.
func (b *broker) give(room string, data []byte) {
	b.mu.Lock()
	receive := b.rooms[room]
	b.mu.Unlock()
	if receive != nil {
		receive(bytes.Clone(data), nil)
	}
}

// subscribed returns the names of the rooms, in their order.
func (b *broker) subscribed() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Sorted(maps.Keys(b.rooms))
}
