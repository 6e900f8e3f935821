package rooms

import (
	"fmt"
	"sync"
	"time"
)

// link is a room's subscription at the broker: one, while the room has members.
type link struct {
	// mu is held while the broker works, so that subscribing and unsubscribing take turns. Broadcasts never take it.
	mu         sync.Mutex
	subscribed bool
	retry      *time.Timer   // runs while subscribing has failed
	pause      time.Duration // before the next try
}

// How long to wait before subscribing is tried again: doubled from the first to the last.
const (
	firstRetry = time.Second
	lastRetry  = 30 * time.Second
)

// settle makes the subscription what the room needs, and forgets a room that has nobody. It is called after each change that
// may matter; it looks at the room only when it has its turn at the broker, so that the last one to come leaves things right
// however joins and leaves overlapped.
func (r *Rooms[M]) settle(room *room[M]) {
	if err := r.adjust(room); err != nil {
		r.fail(room.name, err)
	}
}

func (r *Rooms[M]) adjust(room *room[M]) error {
	l := &room.link
	l.mu.Lock()
	defer l.mu.Unlock()
	defer r.forget(room)
	if r.options.Broker == nil {
		return nil
	}
	wanted := room.len() > 0
	if l.retry != nil {
		l.retry.Stop()
	}
	switch {
	case wanted && !l.subscribed:
		return r.subscribe(room)
	case !wanted && l.subscribed:
		l.subscribed = false
		return wrap("unsubscribe from", room.name, r.options.Broker.Unsubscribe(room.name))
	}
	return nil
}

// subscribe is called with the link's lock. When it fails, a timer tries again: not a goroutine, a room has none.
func (r *Rooms[M]) subscribe(room *room[M]) error {
	l := &room.link
	err := r.options.Broker.Subscribe(room.name, func(data []byte, lost error) { r.receive(room, data, lost) })
	if err == nil {
		l.subscribed, l.pause = true, 0
		return nil
	}
	l.pause = min(max(firstRetry, 2*l.pause), lastRetry)
	l.retry = time.AfterFunc(l.pause, func() { r.settle(room) })
	return wrap("subscribe to", room.name, err)
}

// publish sends msg to the other processes.
func (r *Rooms[M]) publish(name string, msg M) error {
	data, err := r.options.Encode(msg)
	if err != nil {
		err = wrap("encode for", name, err)
	} else {
		err = wrap("publish to", name, r.options.Broker.Publish(name, seal(r.origin, data)))
	}
	if err != nil {
		r.fail(name, err)
	}
	return err
}

// receive gives what came from the broker to the members.
func (r *Rooms[M]) receive(room *room[M], data []byte, lost error) {
	if lost != nil {
		r.fail(room.name, wrap("receive in", room.name, lost))
		return
	}
	from, body, err := unseal(data)
	if err == nil && from == r.origin {
		return
	}
	var msg M
	if err == nil {
		msg, err = r.decode(body)
	}
	if err != nil {
		r.counts.undecodable.Add(1)
		r.options.OnError(room.name, fmt.Errorf("%w in %q: %w", ErrUndecodable, room.name, err))
		return
	}
	room.send(msg, nil)
}

// decode is Decode, but does not panic: what another process sent must not end this one.
func (r *Rooms[M]) decode(body []byte) (msg M, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return r.options.Decode(body)
}

func (r *Rooms[M]) fail(name string, err error) {
	r.counts.failed.Add(1)
	r.options.OnError(name, err)
}

func wrap(what, name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("rooms: %s %q: %w", what, name, err)
}
