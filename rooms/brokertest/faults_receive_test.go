package brokertest_test

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// shareMessage gives all receivers the same bytes, as its brokers remember the last.
func shareMessage() func(rooms.Broker) rooms.Broker {
	var mu sync.Mutex
	var last []byte
	share := func(data []byte) []byte {
		mu.Lock()
		defer mu.Unlock()
		if len(data) != len(last) {
			last = slices.Clone(data)
		}
		return last
	}
	return func(right rooms.Broker) rooms.Broker {
		return &broker{Broker: right, subscribe: func(room string, receive func([]byte, error)) error {
			return right.Subscribe(room, func(data []byte, lost error) { receive(share(data), lost) })
		}}
	}
}

// unsubscribeLate ends the next subscription instead, as one does whose Unsubscribe
// overtakes it.
func unsubscribeLate(right rooms.Broker) rooms.Broker {
	var late sync.Map // the rooms
	twice := subscribeTwice(right)
	return &broker{
		Broker: right,
		subscribe: func(room string, receive func([]byte, error)) error {
			err := twice.Subscribe(room, receive)
			if _, ok := late.LoadAndDelete(room); ok {
				right.Unsubscribe(room)
			}
			return err
		},
		unsubscribe: func(room string) error {
			late.Store(room, nil)
			return nil
		},
	}
}

// passOn gives the next subscriber what was on its way to the one before.
func passOn(right rooms.Broker) rooms.Broker {
	var last atomic.Pointer[[]byte]
	return &broker{
		Broker: right,
		subscribe: func(room string, receive func([]byte, error)) error {
			err := right.Subscribe(room, func(data []byte, lost error) {
				if lost == nil {
					kept := slices.Clone(data)
					last.Store(&kept)
				}
				receive(data, lost)
			})
			if old := last.Swap(nil); err == nil && old != nil {
				receive(*old, nil)
			}
			return err
		},
	}
}

// refuseFromReceive does nothing while a receiver works.
func refuseFromReceive(right rooms.Broker) rooms.Broker {
	var working atomic.Int64
	return &broker{
		Broker: right,
		subscribe: func(room string, receive func([]byte, error)) error {
			return right.Subscribe(room, func(data []byte, lost error) {
				working.Add(1)
				defer working.Add(-1)
				receive(data, lost)
			})
		},
		unsubscribe: func(room string) error {
			if working.Load() > 0 {
				return errors.New("refused")
			}
			return right.Unsubscribe(room)
		},
	}
}
