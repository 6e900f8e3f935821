package serve

import (
	"sync/atomic"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// byHand returns a handler that keeps the list, the mutex and the loop of sends that
// every program on top of the original has written. What is received is broadcast as
// encode has it.
func byHand[R, M any](
	joined *atomic.Int64, encode func(R) (M, error),
) func(<-chan R, chan<- M, <-chan bool) {
	all := newList[chan<- M](joined)
	return func(receiver <-chan R, sender chan<- M, done <-chan bool) {
		all.join(sender)
		defer all.leave(sender)
		forEach(receiver, done, func(r R) {
			if m, err := encode(r); err == nil {
				all.each(func(to chan<- M) { to <- m })
			}
		})
	}
}

// throughRoom returns the same with package rooms, as its documentation shows it.
func throughRoom[R, M any](
	joined *atomic.Int64, encode func(R) (M, error),
) func(<-chan R, chan<- M, <-chan bool, chan<- int) {
	all := rooms.New[M](nil)
	return func(receiver <-chan R, sender chan<- M, done <-chan bool, disconnect chan<- int) {
		member, err := all.Join("lobby", sender, disconnect, nil)
		if err != nil {
			return
		}
		defer member.Leave()
		joined.Add(1)
		defer joined.Add(-1)
		forEach(receiver, done, func(r R) {
			if m, err := encode(r); err == nil {
				_ = member.Broadcast(m) // there is no broker that could fail
			}
		})
	}
}

// same broadcasts a message as it came.
func same[M any](m M) (M, error) { return m, nil }
