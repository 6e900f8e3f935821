package brokertest_test

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// A connection that a stall makes close does not come back.
var errClosed = errors.New("connection closed")

// closeAfterStall is closed for good after a Publish that took longer than a second.
func closeAfterStall(right rooms.Broker) rooms.Broker {
	var closed atomic.Bool
	return &broker{Broker: right, publish: func(room string, data []byte) error {
		if closed.Load() {
			return errClosed
		}
		start := time.Now()
		err := right.Publish(room, data)
		if time.Since(start) > time.Second {
			closed.Store(true)
		}
		return err
	}}
}

// dawdle is longer than Publish may take.
func dawdle(right rooms.Broker, room string, data []byte) error {
	time.Sleep(5 * time.Second)
	return right.Publish(room, data)
}

// dropInBursts drops what a subscription gets after the tenth message of an instant.
func dropInBursts(right rooms.Broker) rooms.Broker {
	return &broker{Broker: right, subscribe: func(room string, receive func([]byte, error)) error {
		var burst, last atomic.Int64
		return right.Subscribe(room, func(data []byte, lost error) {
			if now := time.Now().UnixMilli(); last.Swap(now) != now {
				burst.Store(0)
			}
			if lost != nil || burst.Add(1) <= 10 {
				receive(data, lost)
			}
		})
	}}
}
