package rooms

import "time"

// link is a room's subscription at the broker, or at the log: one, while the room has
// members.
type link struct {
	// turns are held while the broker or the log works, so that subscribing and
	// unsubscribing take turns. Broadcasts never take one. They protect what follows.
	turns
	subscribed bool
	retry      *time.Timer   // runs while subscribing has failed
	pause      time.Duration // before the next try
}

// How long to wait before subscribing is tried again: doubled from the first to the last.
const (
	firstRetry = time.Second
	lastRetry  = 30 * time.Second
)

// settle makes the subscription what the room needs, and forgets a room that has nobody.
// It is called after each change that may matter; it looks at the room only when it has
// its turn at the broker, so that the last one to come leaves things right however joins
// and leaves overlapped.
func (r *Rooms[M]) settle(room *room[M]) {
	if err := r.adjust(room); err != nil {
		r.fail(room.name, err)
	}
}

// adjust forgets a room only without its subscription: then no room of that name can
// subscribe before this one has unsubscribed.
func (r *Rooms[M]) adjust(room *room[M]) (err error) {
	l := &room.link
	l.begin()
	defer l.end()
	if l.retry != nil {
		l.retry.Stop()
	}
	wanted := room.len() > 0
	switch {
	case r.options.Broker == nil && r.options.Log == nil:
	case wanted && !l.subscribed:
		err = r.subscribe(room)
	case !wanted && l.subscribed:
		l.subscribed = false
		err = wrap("unsubscribe from", room.name, r.unsubscribe(room))
	}
	if !l.subscribed && room.die() {
		r.forget(room)
	}
	return err
}

// subscribe is called in a turn of the link. When it fails, a timer tries again: not a
// goroutine, a room has none.
func (r *Rooms[M]) subscribe(room *room[M]) error {
	l := &room.link
	err := r.connect(room)
	if err == nil {
		l.subscribed, l.pause = true, 0
		return nil
	}
	l.pause = min(max(firstRetry, 2*l.pause), lastRetry)
	l.retry = time.AfterFunc(l.pause, func() { r.settle(room) })
	return wrap("subscribe to", room.name, err)
}

func (r *Rooms[M]) connect(room *room[M]) error {
	if r.options.Log != nil {
		return r.follow(room)
	}
	return r.options.Broker.Subscribe(room.name, func(data []byte, lost error) {
		r.receive(room, data, lost)
	})
}

func (r *Rooms[M]) unsubscribe(room *room[M]) error {
	if r.options.Log != nil {
		return r.unfollow(room)
	}
	return r.options.Broker.Unsubscribe(room.name)
}
