package brokertest_test

import (
	"sync"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// dropWhenSlow has a small queue for each subscription, and drops when it is full.
func dropWhenSlow(right rooms.Broker) rooms.Broker {
	return &broker{Broker: right, subscribe: func(room string, receive func([]byte, error)) error {
		type call struct {
			data []byte
			lost error
		}
		queue := make(chan call, 100)
		go func() {
			for c := range queue {
				receive(c.data, c.lost)
			}
		}()
		return right.Subscribe(room, func(data []byte, lost error) {
			select {
			case queue <- call{data, lost}:
			default:
			}
		})
	}}
}

// waitForReceivers returns from Publish when all receivers in the process have returned.
func waitForReceivers(right rooms.Broker) rooms.Broker {
	return &broker{
		Broker: right,
		publish: func(room string, data []byte) error {
			err := right.Publish(room, data)
			receiving.Lock()
			defer receiving.Unlock()
			return err
		},
		subscribe: func(room string, receive func([]byte, error)) error {
			return right.Subscribe(room, func(data []byte, lost error) {
				receiving.Lock()
				defer receiving.Unlock()
				receive(data, lost)
			})
		},
	}
}

// receiving is held while a receiver works.
var receiving sync.Mutex

// lockWhileDelivering has one lock for everything.
func lockWhileDelivering(right rooms.Broker) rooms.Broker {
	var mu sync.Mutex
	return &broker{
		Broker: right,
		subscribe: func(room string, receive func([]byte, error)) error {
			mu.Lock()
			defer mu.Unlock()
			return right.Subscribe(room, func(data []byte, lost error) {
				mu.Lock()
				defer mu.Unlock()
				receive(data, lost)
			})
		},
		unsubscribe: func(room string) error {
			mu.Lock()
			defer mu.Unlock()
			return right.Unsubscribe(room)
		},
	}
}

// keepBuffer publishes the buffer of the caller when Publish has returned.
func keepBuffer(right rooms.Broker) rooms.Broker {
	return &broker{Broker: right, publish: func(room string, data []byte) error {
		time.AfterFunc(moment, func() { right.Publish(room, data) })
		return nil
	}}
}

// subscribeTwice forgets the first subscription silently.
func subscribeTwice(right rooms.Broker) rooms.Broker {
	return &broker{Broker: right, subscribe: func(room string, receive func([]byte, error)) error {
		right.Unsubscribe(room)
		return right.Subscribe(room, receive)
	}}
}

func muteAboutLoss(right rooms.Broker) rooms.Broker {
	return &broker{Broker: right, subscribe: func(room string, receive func([]byte, error)) error {
		return right.Subscribe(room, func(data []byte, lost error) {
			if lost == nil {
				receive(data, nil)
			}
		})
	}}
}

func noErrors(right rooms.Broker) rooms.Broker {
	return &broker{Broker: right, publish: func(room string, data []byte) error {
		right.Publish(room, data)
		return nil
	}}
}

// keepForLater says that it could not publish, and does so when the network is back.
func keepForLater(right rooms.Broker) rooms.Broker {
	type call struct {
		room string
		data []byte
	}
	var mu sync.Mutex
	var kept []call
	return &broker{Broker: right, publish: func(room string, data []byte) error {
		mu.Lock()
		defer mu.Unlock()
		err := right.Publish(room, data)
		if err != nil {
			kept = append(kept, call{room, append([]byte(nil), data...)})
			return err
		}
		for _, c := range kept {
			right.Publish(c.room, c.data)
		}
		kept = nil
		return nil
	}}
}
