package brokertest

import (
	"bytes"
	"errors"
	"sync"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// ErrStopped is returned by Publish while the [Memory] is stopped. The subscribers get it
// when the Memory starts again.
var ErrStopped = errors.New("brokertest: the network is stopped")

// errSubscribed is returned for the second subscription of one broker to a room.
var errSubscribed = errors.New("brokertest: subscribed to that room already")

// Memory is a network in memory: its brokers hear each other as those of several
// processes would. When Publish returns, the subscribers have the message, so a test
// need not wait for it. Only a subscriber that is busy for more than a tenth of a
// second gets it later. The zero value is ready to use. Its methods are safe for
// concurrent use.
type Memory struct {
	mu      sync.Mutex
	stopped bool
	rooms   map[string]map[*memoryBroker]*mailbox
}

// Broker returns a new broker on the network, like that of another process.
func (n *Memory) Broker() rooms.Broker { return &memoryBroker{n} }

// Stop stops the network: Publish returns an error, and nothing is delivered.
// Subscriptions stay.
func (n *Memory) Stop() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stopped = true
}

// Start starts the network again. All subscribers get ErrStopped, because they may have
// missed messages.
func (n *Memory) Start() {
	for _, box := range n.start() {
		box.deliver(nil, ErrStopped)
	}
}

func (n *Memory) start() (all []*mailbox) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.stopped {
		return nil
	}
	n.stopped = false
	for _, subscribers := range n.rooms {
		for _, box := range subscribers {
			all = append(all, box)
		}
	}
	return all
}

// Subscriptions returns the number of subscriptions of all brokers.
func (n *Memory) Subscriptions() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	sum := 0
	for _, subscribers := range n.rooms {
		sum += len(subscribers)
	}
	return sum
}

type memoryBroker struct{ network *Memory }

func (b *memoryBroker) Publish(room string, data []byte) error {
	others, err := b.others(room)
	for _, box := range others {
		box.deliver(bytes.Clone(data), nil)
	}
	return err
}

// others returns the subscribers other than b.
func (b *memoryBroker) others(room string) (all []*mailbox, err error) {
	n := b.network
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.stopped {
		return nil, ErrStopped
	}
	for subscriber, box := range n.rooms[room] {
		if subscriber != b {
			all = append(all, box)
		}
	}
	return all, nil
}

func (b *memoryBroker) Subscribe(room string, receive func([]byte, error)) error {
	n := b.network
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, ok := n.rooms[room][b]; ok {
		return errSubscribed
	}
	if n.rooms == nil {
		n.rooms = make(map[string]map[*memoryBroker]*mailbox)
	}
	if n.rooms[room] == nil {
		n.rooms[room] = make(map[*memoryBroker]*mailbox)
	}
	n.rooms[room][b] = &mailbox{receive: receive}
	return nil
}

func (b *memoryBroker) Unsubscribe(room string) error {
	n := b.network
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rooms[room][b].close()
	delete(n.rooms[room], b)
	if len(n.rooms[room]) == 0 {
		delete(n.rooms, room)
	}
	return nil
}
