package brokertest_test

import (
	"bytes"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// A publishing fault does something else than to publish.
type publishing func(right rooms.Broker, room string, data []byte) error

// every lets each nth message meet the fault.
func every(n int64, fault publishing) func(rooms.Broker) rooms.Broker {
	return func(right rooms.Broker) rooms.Broker {
		var count atomic.Int64
		return &broker{Broker: right, publish: func(room string, data []byte) error {
			if count.Add(1)%n == 0 {
				return fault(right, room, data)
			}
			return right.Publish(room, data)
		}}
	}
}

func lose(rooms.Broker, string, []byte) error { return nil }

func duplicate(right rooms.Broker, room string, data []byte) error {
	right.Publish(room, data)
	return right.Publish(room, data)
}

func block(rooms.Broker, string, []byte) error { select {} }

func panics(rooms.Broker, string, []byte) error { panic("as a broker should not") }

// reorder keeps each tenth message until after the next.
func reorder(right rooms.Broker) rooms.Broker {
	var count atomic.Int64
	var kept atomic.Pointer[[]byte]
	return &broker{Broker: right, publish: func(room string, data []byte) error {
		if count.Add(1)%10 == 0 {
			data = bytes.Clone(data)
			kept.Store(&data)
			return nil
		}
		err := right.Publish(room, data)
		if late := kept.Swap(nil); late != nil {
			right.Publish(room, *late)
		}
		return err
	}}
}

// leakSubscriptions only stops to listen: the network keeps the subscription.
func leakSubscriptions(right rooms.Broker) rooms.Broker {
	var all sync.Map
	return &broker{
		Broker: right,
		subscribe: func(room string, receive func([]byte, error)) error {
			open := &atomic.Pointer[func([]byte, error)]{}
			open.Store(&receive)
			all.Store(room, open)
			return right.Subscribe(room, func(data []byte, lost error) {
				if receive := open.Load(); receive != nil {
					(*receive)(data, lost)
				}
			})
		},
		unsubscribe: func(room string) error {
			if open, ok := all.LoadAndDelete(room); ok {
				open.(*atomic.Pointer[func([]byte, error)]).Store(nil)
			}
			return nil
		},
	}
}

func leakMemory(right rooms.Broker) rooms.Broker {
	var mu sync.Mutex
	var all []func([]byte, error)
	return &broker{Broker: right, subscribe: func(room string, receive func([]byte, error)) error {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, receive)
		return right.Subscribe(room, receive)
	}}
}

func leakGoroutines(right rooms.Broker) rooms.Broker {
	return &broker{Broker: right, unsubscribe: func(room string) error {
		go func() { select {} }()
		return right.Unsubscribe(room)
	}}
}

// deafAtFirst misses the first message of each subscription.
func deafAtFirst(right rooms.Broker) rooms.Broker {
	return &broker{Broker: right, subscribe: func(room string, receive func([]byte, error)) error {
		var heard atomic.Bool
		return right.Subscribe(room, func(data []byte, lost error) {
			if heard.Swap(true) {
				receive(data, lost)
			}
		})
	}}
}

// hearOn unsubscribes when the room is subscribed again.
func hearOn(right rooms.Broker) rooms.Broker {
	return &broker{Broker: subscribeTwice(right), unsubscribe: func(string) error { return nil }}
}

func limitSize(right rooms.Broker) rooms.Broker {
	return &broker{Broker: right, publish: func(room string, data []byte) error {
		if len(data) > 100_000 {
			return nil
		}
		return right.Publish(room, data)
	}}
}

// foldNames takes small and capital letters for the same.
func foldNames(right rooms.Broker) rooms.Broker {
	return &broker{Broker: right, publish: func(room string, data []byte) error {
		if lower := strings.ToLower(room); lower != room {
			right.Publish(lower, data)
		}
		return right.Publish(room, data)
	}}
}

func panicLate(right rooms.Broker) rooms.Broker {
	return &broker{Broker: right, unsubscribe: func(string) error { panic("not subscribed") }}
}
