package serve

import (
	"sync"
	"sync/atomic"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// list is what programs wrote by hand before there were rooms: a mutex, and a loop of
// sends that runs under it. One client that does not read stops the loop, and with it the
// list.
type list[C comparable] struct {
	mu      sync.Mutex // protects members, and is held during a broadcast
	members map[C]struct{}
	joined  *atomic.Int64
}

func newList[C comparable](joined *atomic.Int64) *list[C] {
	return &list[C]{members: make(map[C]struct{}), joined: joined}
}

func (l *list[C]) join(c C) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.members[c] = struct{}{}
	l.joined.Add(1)
}

func (l *list[C]) leave(c C) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.members, c)
	l.joined.Add(-1)
}

func (l *list[C]) each(send func(C)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.members {
		send(c)
	}
}

// byHand returns a handler with such a list. What is received is broadcast as encode has
// it.
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
