package brokertest

import (
	"bytes"
	"errors"
	"sync"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// ErrStopped is returned by Publish while the [Memory] is stopped.
var ErrStopped = errors.New("brokertest: the network is stopped")

// ErrSubscribed is returned for the second subscription of one broker to a room.
var ErrSubscribed = errors.New("brokertest: subscribed to that room already")

// Memory is a network in memory: its brokers hear each other as those of several processes would. Publishing calls the
// subscribers before it returns, so that a test need not wait for a message. The zero value is ready, and safe for
// concurrent use.
type Memory struct {
	mu      sync.Mutex
	stopped bool
	rooms   map[string]map[*memoryBroker]func([]byte, error)
}

// Broker returns another end of the network, as another process would have it.
func (n *Memory) Broker() rooms.Broker { return &memoryBroker{n} }

// Stop takes the network away: publishing fails, and nothing is delivered. Subscriptions stay.
func (n *Memory) Stop() { n.set(true) }

// Start brings the network back.
func (n *Memory) Start() { n.set(false) }

func (n *Memory) set(stopped bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stopped = stopped
}

// Subscriptions returns how many there are, of all brokers together.
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
	receivers, err := b.others(room)
	for _, receive := range receivers {
		receive(bytes.Clone(data), nil)
	}
	return err
}

// others returns the subscribers other than b. They are called without the lock, since they may come back.
func (b *memoryBroker) others(room string) ([]func([]byte, error), error) {
	n := b.network
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.stopped {
		return nil, ErrStopped
	}
	var receivers []func([]byte, error)
	for subscriber, receive := range n.rooms[room] {
		if subscriber != b {
			receivers = append(receivers, receive)
		}
	}
	return receivers, nil
}

func (b *memoryBroker) Subscribe(room string, receive func([]byte, error)) error {
	n := b.network
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, ok := n.rooms[room][b]; ok {
		return ErrSubscribed
	}
	if n.rooms == nil {
		n.rooms = make(map[string]map[*memoryBroker]func([]byte, error))
	}
	if n.rooms[room] == nil {
		n.rooms[room] = make(map[*memoryBroker]func([]byte, error))
	}
	n.rooms[room][b] = receive
	return nil
}

func (b *memoryBroker) Unsubscribe(room string) error {
	n := b.network
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.rooms[room], b)
	if len(n.rooms[room]) == 0 {
		delete(n.rooms, room)
	}
	return nil
}
