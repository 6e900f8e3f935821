package rooms

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
)

// link is whether the carrier has opened a room. It is open while the room has members.
type link struct {
	// turns is held while the carrier opens or closes the room. Broadcasts
	// never take it. It protects the fields below.
	turns
	subscribed bool
	failure    error         // of the last try to subscribe that has failed
	retry      *time.Timer   // runs after subscribing has failed
	pause      time.Duration // before the next try

	failed atomic.Uint64 // how many tries to subscribe have failed
}

// The pauses before the next try; each is twice the one before, up to the last.
const (
	firstRetry = time.Second
	lastRetry  = 30 * time.Second
)

// settle subscribes a room that has members, and unsubscribes and forgets one that has
// none. Call it after each change that may matter. It looks at the room only once it has
// the link's turn, so the last call gets it right however joins and leaves overlap.
func (r *Rooms[M]) settle(room *room[M]) {
	if err := r.adjust(room); err != nil {
		r.fail(room.name, err)
	}
}

// adjust forgets a room only after unsubscribing it. Otherwise a new room of the same
// name could subscribe before this one has unsubscribed. If another's try to subscribe has
// failed since adjust was called, that is the outcome of this one, too: a network that does
// not answer would make those who join wait one after the other.
func (r *Rooms[M]) adjust(room *room[M]) (err error) {
	l := &room.link
	failed := l.failed.Load()
	l.begin()
	defer l.end()
	wanted := room.len() > 0
	if wanted && !l.subscribed && l.failed.Load() != failed {
		return l.failure
	}
	if l.retry != nil {
		l.retry.Stop()
	}
	switch {
	case wanted && !l.subscribed:
		err = r.subscribe(room)
	case !wanted && l.subscribed:
		l.subscribed = false
		err = wrap("unsubscribe from", room.name, r.carrier.close(room))
		room.dropRetained()
	}
	if !l.subscribed && room.die() {
		r.forget(room)
	}
	return err
}

// subscribe is called in a turn of the link. If it fails, or does not return, a timer tries
// again, so that the room needs no goroutine.
func (r *Rooms[M]) subscribe(room *room[M]) error {
	l := &room.link
	l.failure = recovered.ErrGoexit
	defer func() {
		if l.failure == nil {
			l.subscribed, l.pause = true, 0
			return
		}
		l.failed.Add(1)
		l.pause = min(max(firstRetry, 2*l.pause), lastRetry)
		l.retry = time.AfterFunc(l.pause, func() { r.settle(room) })
	}()
	l.failure = wrap("subscribe to", room.name, r.carrier.open(room))
	return l.failure
}

// turns is a lock to hold during slow work, such as a network round trip. The zero
// value is unlocked. It is not a mutex because a goroutine that waits for a mutex stops
// the fake time of testing/synctest.
type turns struct {
	mu    sync.Mutex // protects the fields below; never held for long
	taken bool
	free  *sync.Cond // made by the first goroutine that has to wait
}

func (t *turns) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.taken {
		if t.free == nil {
			t.free = sync.NewCond(&t.mu)
		}
		t.free.Wait()
	}
	t.taken = true
}

func (t *turns) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.taken = false
	if t.free != nil {
		t.free.Signal()
	}
}
