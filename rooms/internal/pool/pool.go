package pool

import (
	"container/list"
	"context"
	"errors"
	"hash/maphash"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// errShared is returned for a room that is there already.
var errShared = errors.New("subscribed to that room already: two Rooms share one broker or " +
	"log, and each needs its own")

// Room receives what belongs to one room. Its worker calls it; see the package comment.
type Room[M comparable] interface {
	// Receive is called for each message.
	Receive(m M)
	// Lose is called if messages may have been lost. If the loss is nil, there is no
	// sign of one, and the room should look.
	Lose(loss error)
}

// Receiver is what a broker's Subscribe is given. A room of a broker has no use for a
// look.
type Receiver func(data []byte, lost error)

// Lose implements Room.
func (r Receiver) Lose(loss error) {
	if loss != nil {
		r(nil, loss)
	}
}

// Config says what a pool must know of its engine.
type Config[M comparable, R Room[M]] struct {
	// Key returns the key of the room to which a message belongs.
	Key func(m M) string
	// Mark returns a message with that key which is equal to no other message. IsMark
	// reports whether Mark has made a message.
	Mark   func(key string) M
	IsMark func(m M) bool
	// Pending is how many messages may wait for each worker.
	Pending int
	// Slow returns the loss of a number of messages that were dropped.
	Slow func(dropped int) error
	// Dropped returns how many messages of a room its client has dropped so far. It is
	// nil for an engine that calls Push, whose client drops none.
	Dropped func(r R) int

	// Subscribe has the network send what belongs to a room. Answered is false if the
	// network has not said in time that it does: then it does so later. After an error
	// there is no subscription.
	Subscribe func(key string, r R) (answered bool, err error)
	// Unsubscribe ends what Subscribe began.
	Unsubscribe func(key string, r R) error

	// The engine's errors after Close, and of Follow if the network has not answered in
	// time.
	Closed, Unanswered error
}

// Pool holds the rooms of one engine. Make it with [New]. Its methods are safe for
// concurrent use. Only Subscribe, Follow, Unsubscribe, Close and Sleep block.
type Pool[M comparable, R Room[M]] struct {
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
func New[M comparable, R Room[M]](c Config[M, R]) *Pool[M, R] {
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

// Subscribe adds a room and subscribes it. It is told of losses from then on.
func (p *Pool[M, R]) Subscribe(key string, r R) error {
	answered, err := p.enter(key, r)
	if err == nil && !answered {
		p.worker(key).setLate(key, &p.late)
	}
	return err
}

// enter adds a room before its network knows of it. So a loss that is noticed before the
// call that subscribes returns is told afterwards.
func (p *Pool[M, R]) enter(key string, r R) (answered bool, err error) {
	w := p.worker(key)
	if err := w.enter(key, r); err != nil {
		return false, err
	}
	if answered, err = p.config.Subscribe(key, r); err != nil {
		w.leave(key)
		return false, err
	}
	if err = w.subscribed(key); err != nil { // closed meanwhile
		_ = p.config.Unsubscribe(key, r)
	}
	return answered, err
}

// Follow is Subscribe for a room of a log. It then calls read, which reads where the room
// ends: so nothing is missed after that. When Follow returns, the gate of r is open. If
// something came before, r is owed a look.
func (p *Pool[M, R]) Follow(key string, r R, gate *Gate, read func() error) error {
	answered, err := p.enter(key, r)
	if err != nil {
		return err
	}
	if err = p.config.Unanswered; answered {
		err = read()
	}
	if err != nil {
		_ = p.Unsubscribe(key)
		return err
	}
	if gate.Open() {
		p.Owe(key, nil)
	}
	return nil
}

// Unsubscribe removes a room and ends its subscription. If there is no such room, it does
// nothing. The room leaves first, so that messages in the queue are dropped.
func (p *Pool[M, R]) Unsubscribe(key string) error {
	r, ok := p.worker(key).leave(key)
	if !ok {
		return nil
	}
	return p.config.Unsubscribe(key, r)
}

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

func every[M comparable, R Room[M]](*seat[M, R]) bool { return true }

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

// Close unsubscribes all rooms, and waits for the pool's goroutines. A second call only
// waits.
func (p *Pool[M, R]) Close() {
	p.once.Do(func() {
		close(p.quit)
		for _, w := range p.workers {
			for key, r := range w.close() {
				_ = p.config.Unsubscribe(key, r)
			}
		}
	})
	p.running.Wait()
}

// Closed is closed by Close.
func (p *Pool[M, R]) Closed() <-chan struct{} { return p.quit }

// Err returns the engine's error after Close, and nil before.
func (p *Pool[M, R]) Err() error {
	select {
	case <-p.quit:
		return p.config.Closed
	default:
		return nil
	}
}

// Sleep returns early, with an error, if the pool is closed or ctx ends.
func (p *Pool[M, R]) Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-p.quit:
		return p.config.Closed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Go runs f on a goroutine for which Close waits. f must return soon after Closed.
func (p *Pool[M, R]) Go(f func()) { p.running.Go(f) }
