package pool

import (
	"container/list"
	"errors"
	"hash/maphash"
	"runtime"
	"sync"
	"sync/atomic"
)

var (
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("closed")
	// ErrEntered is returned by Enter for a key that was entered and not left.
	ErrEntered = errors.New("entered already")
)

// Room receives what belongs to one room. Its worker calls it; see the package comment.
type Room[M any] interface {
	// Receive is called for each message.
	Receive(m M)
	// Lose is called if messages may have been lost. If the loss is nil, there is no
	// sign of one, and the room should look.
	Lose(loss error)
}

// Config says what a pool must know of its engine.
type Config[M any, R Room[M]] struct {
	// Key returns the key of the room to which a message belongs.
	Key func(m M) string
	// Pending is how many messages may wait for each worker.
	Pending int
	// Slow returns the loss of a number of messages that were dropped.
	Slow func(dropped int) error
	// Dropped returns how many messages of a room its client has dropped so far. Nil:
	// it drops none, because the engine calls Push.
	Dropped func(r R) int
}

// Pool holds the rooms of one engine. Make it with [New]. Its methods are safe for
// concurrent use. They do not block, except Close.
type Pool[M any, R Room[M]] struct {
	config  Config[M, R]
	seed    maphash.Seed
	workers []*worker[M, R]
	late    atomic.Uint64 // rooms whose subscription was not answered in time

	sweeping sync.Mutex
	next     int // the worker at which the next sweep begins; protected by sweeping

	quit    chan struct{} // closed by Close
	once    sync.Once
	running sync.WaitGroup
}

// New starts GOMAXPROCS workers. Close ends them.
func New[M any, R Room[M]](c Config[M, R]) *Pool[M, R] {
	p := &Pool[M, R]{config: c, seed: maphash.MakeSeed(), quit: make(chan struct{})}
	for range runtime.GOMAXPROCS(0) {
		w := &worker[M, R]{pool: p, queue: make(chan M, c.Pending),
			owes: make(chan struct{}, 1), seats: make(map[string]*list.Element)}
		p.workers = append(p.workers, w)
		p.running.Go(w.run)
	}
	return p
}

// worker returns the one that serves a key.
func (p *Pool[M, R]) worker(key string) *worker[M, R] {
	return p.workers[maphash.String(p.seed, key)%uint64(len(p.workers))]
}

// Queue returns the queue of a key's worker, for clients that fill it themselves. They
// must not wait when it is full.
func (p *Pool[M, R]) Queue(key string) chan M { return p.worker(key).queue }

// Push puts a message into the queue. If that is full, the message is dropped, and its
// room is owed the loss.
func (p *Pool[M, R]) Push(m M) {
	key := p.config.Key(m)
	w := p.worker(key)
	select {
	case w.queue <- m:
	default:
		w.drop(key)
	}
}

// Enter adds a room. It returns ErrEntered or ErrClosed.
func (p *Pool[M, R]) Enter(key string, r R) error { return p.worker(key).enter(key, r) }

// Subscribed makes the room be told of losses. It returns ErrClosed if the pool was
// closed since Enter; then the caller must end the subscription.
func (p *Pool[M, R]) Subscribed(key string) error { return p.worker(key).subscribed(key) }

// Late notes that the subscription of a room was not answered in time.
func (p *Pool[M, R]) Late(key string) { p.worker(key).setLate(key, &p.late) }

// Leave removes and returns a room. It returns false if there is none.
func (p *Pool[M, R]) Leave(key string) (R, bool) { return p.worker(key).leave(key) }

// Get returns a room. It returns false if there is none.
func (p *Pool[M, R]) Get(key string) (R, bool) { return p.worker(key).get(key) }

// All returns the subscribed rooms.
func (p *Pool[M, R]) All() (all []R) {
	for _, w := range p.workers {
		for _, s := range w.subscribedSeats() {
			all = append(all, s.room)
		}
	}
	return all
}

// Owe owes a room a loss.
func (p *Pool[M, R]) Owe(key string, loss error) { p.worker(key).owe(key, loss) }

// OweAll owes all rooms a loss.
func (p *Pool[M, R]) OweAll(loss error) { p.owe(loss, every[M, R]) }

func (p *Pool[M, R]) owe(loss error, concerns func(*seat[M, R]) bool) {
	for _, w := range p.workers {
		w.oweAll(loss, concerns)
	}
}

func every[M any, R Room[M]](*seat[M, R]) bool { return true }

// Sweep owes a nil loss to up to n rooms, those that were not swept for longest.
func (p *Pool[M, R]) Sweep(n int) {
	p.sweeping.Lock()
	defer p.sweeping.Unlock()
	for missed := 0; n > 0 && missed < len(p.workers); p.next++ {
		if p.workers[p.next%len(p.workers)].sweepOne() {
			n, missed = n-1, 0
		} else {
			missed++
		}
	}
}

// Close removes all rooms, calls end for the subscribed ones, and waits for the pool's
// goroutines. A second call only waits.
func (p *Pool[M, R]) Close(end func(r R)) {
	p.once.Do(func() {
		close(p.quit)
		for _, w := range p.workers {
			for _, r := range w.close() {
				end(r)
			}
		}
	})
	p.running.Wait()
}

// Closed is closed by Close.
func (p *Pool[M, R]) Closed() <-chan struct{} { return p.quit }

// Go runs f on a goroutine for which Close waits. f must return soon after Closed.
func (p *Pool[M, R]) Go(f func()) { p.running.Go(f) }
