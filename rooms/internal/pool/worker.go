package pool

import (
	"container/list"
	"sync"
	"sync/atomic"
)

// worker calls its share of the rooms. A goroutine for each room would cost memory.
type worker[M comparable, R Room[M]] struct {
	pool  *Pool[M, R]
	queue chan M
	owes  chan struct{} // capacity 1; some seat is owed something

	mu     sync.Mutex               // protects the fields below, and those of the seats
	seats  map[string]*list.Element // of ring
	ring   list.List                // of *seat; the front was not swept for longest
	due    []*seat[M, R]            // those that are owed something
	closed bool
}

// seat is a room in the pool.
type seat[M comparable, R Room[M]] struct {
	room       R
	subscribed bool
	mark       M    // what is before it in the queue came before the room was subscribed
	open       bool // mark was taken from the queue, or had no place in it
	left       bool
	late       uint64 // its number among the late ones, or 0

	// What it is owed.
	due     bool // it is among the worker's due
	look    bool
	loss    error
	dropped int // by Push

	told int // of what the client dropped; only the worker's goroutine uses it
}

func (w *worker[M, R]) enter(key string, r R) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.closed:
		return w.pool.config.Closed
	case w.seats[key] != nil:
		return errShared
	}
	w.seats[key] = w.ring.PushBack(&seat[M, R]{room: r})
	return nil
}

// subscribed puts the mark of a room into the queue, now that its network knows of it.
func (w *worker[M, R]) subscribed(key string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.seat(key)
	if s == nil {
		return w.pool.config.Closed
	}
	s.subscribed, s.mark = true, w.pool.config.Mark(key)
	select {
	case w.queue <- s.mark:
	default: // too much waits to tell what is old
		s.open = true
	}
	if s.look || s.dropped > 0 {
		w.wake(s)
	}
	return nil
}

// seat returns nil if there is none. The caller holds the lock.
func (w *worker[M, R]) seat(key string) *seat[M, R] {
	if e := w.seats[key]; e != nil {
		return e.Value.(*seat[M, R])
	}
	return nil
}

func (w *worker[M, R]) get(key string) (r R, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s := w.seat(key); s != nil {
		return s.room, true
	}
	return r, false
}

// receiver returns the room that gets a message. ok is false if the room has left, if the
// message came before the room was subscribed, and for a mark.
func (w *worker[M, R]) receiver(m M) (r R, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.seat(w.pool.config.Key(m))
	switch {
	case s == nil:
		return r, false
	case w.pool.config.IsMark(m): // perhaps that of an earlier room with the key
		s.open = s.open || m == s.mark
		return r, false
	}
	return s.room, s.open
}

func (w *worker[M, R]) leave(key string) (r R, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.seats[key]
	if e == nil {
		return r, false
	}
	delete(w.seats, key)
	s := w.ring.Remove(e).(*seat[M, R])
	s.left = true
	return s.room, true
}

// close returns the subscribed rooms, and removes all.
func (w *worker[M, R]) close() map[string]R {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	rooms := make(map[string]R)
	for key := range w.seats {
		if s := w.seat(key); s.subscribed {
			rooms[key] = s.room
			s.left = true
		}
	}
	clear(w.seats)
	w.ring.Init()
	return rooms
}

// setLate numbers a late seat. A watcher that reads the count later, and tells all up
// to it, includes this one.
func (w *worker[M, R]) setLate(key string, count *atomic.Uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s := w.seat(key); s != nil {
		s.late = count.Add(1)
	}
}

func (w *worker[M, R]) drop(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s := w.seat(key); s != nil {
		s.dropped++
		w.wake(s)
	}
}

func (w *worker[M, R]) owe(key string, loss error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s := w.seat(key); s != nil {
		w.oweSeat(s, loss)
	}
}

func (w *worker[M, R]) oweAll(loss error, concerns func(*seat[M, R]) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for e := w.ring.Front(); e != nil; e = e.Next() {
		if s := e.Value.(*seat[M, R]); concerns(s) {
			w.oweSeat(s, loss)
		}
	}
}

// sweepOne returns false if there is no room.
func (w *worker[M, R]) sweepOne() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.ring.Front()
	if e == nil {
		return false
	}
	w.ring.MoveToBack(e)
	w.oweSeat(e.Value.(*seat[M, R]), nil)
	return true
}

func (w *worker[M, R]) oweSeat(s *seat[M, R], loss error) {
	s.look = true
	if loss != nil {
		s.loss = loss
	}
	w.wake(s)
}

// wake makes the worker's goroutine tell a seat what it is owed.
func (w *worker[M, R]) wake(s *seat[M, R]) {
	if s.due {
		return
	}
	s.due = true
	w.due = append(w.due, s)
	select {
	case w.owes <- struct{}{}:
	default:
	}
}

// run ends when the pool is closed. If the queue was full, the client may have dropped
// messages. run asks it at most once for as many messages as the queue holds, and no
// later than when it has taken those that waited.
func (w *worker[M, R]) run() {
	full, taken := false, 0
	for {
		select {
		case <-w.pool.quit:
			return
		case m := <-w.queue:
			full = full || len(w.queue) >= cap(w.queue)-1
			taken++
			if r, ok := w.receiver(m); ok {
				r.Receive(m)
			}
		case <-w.owes:
			w.tellOwed()
		}
		if full && taken >= cap(w.queue) {
			full, taken = false, 0
			w.tellDropped()
		}
	}
}

func (w *worker[M, R]) tellOwed() {
	for _, s := range w.takeDue() {
		look, dropped, loss := w.settle(s)
		if dropped > 0 {
			s.room.Lose(w.pool.config.Slow(dropped))
		}
		if look {
			s.room.Lose(loss)
		}
	}
}

func (w *worker[M, R]) takeDue() (due []*seat[M, R]) {
	w.mu.Lock()
	defer w.mu.Unlock()
	due, w.due = w.due, nil
	return due
}

// settle returns what a seat is owed, and clears it. One that has left is owed nothing,
// and one that is not subscribed yet is told later.
func (w *worker[M, R]) settle(s *seat[M, R]) (look bool, dropped int, loss error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.due = false
	if s.left || !s.subscribed {
		return false, 0, nil
	}
	look, loss, dropped = s.look, s.loss, s.dropped
	s.look, s.loss, s.dropped = false, nil, 0
	return look, dropped, loss
}

func (w *worker[M, R]) tellDropped() {
	if w.pool.config.Dropped == nil {
		return
	}
	for _, s := range w.subscribedSeats() {
		if n := w.pool.config.Dropped(s.room); n > s.told {
			s.room.Lose(w.pool.config.Slow(n - s.told))
			s.told = n
		}
	}
}

func (w *worker[M, R]) subscribedSeats() (seats []*seat[M, R]) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for e := w.ring.Front(); e != nil; e = e.Next() {
		if s := e.Value.(*seat[M, R]); s.subscribed {
			seats = append(seats, s)
		}
	}
	return seats
}
