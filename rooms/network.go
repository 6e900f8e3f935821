package rooms

import (
	"fmt"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/codec"
	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
)

// networkWait is how long a broadcast waits for the broker.
const networkWait = time.Second

// publish sends an encoded message to the other processes.
func (r *Rooms[M]) publish(name string, body []byte) error {
	err := wrap("publish to", name, r.hand(name, seal(r.origin, body)))
	if err != nil {
		r.fail(name, err)
	}
	return err
}

// hand gives data to the broker, and waits for at most a second.
func (r *Rooms[M]) hand(name string, data []byte) error {
	if r.prompt {
		return r.options.Broker.Publish(name, data)
	}
	return r.outgoing.Do(name, func() error { return r.options.Broker.Publish(name, data) })
}

// receive passes a message from the broker to the members.
func (r *Rooms[M]) receive(room *room[M], data []byte, lost error) {
	if lost != nil {
		r.fail(room.name, wrap("receive in", room.name, lost))
		return
	}
	from, body, err := unseal(data)
	if err == nil && from == r.origin {
		return
	}
	var msg sized[M]
	if err == nil {
		msg, err = r.accept(body, nil)
	}
	if err != nil {
		r.counts.undecodable.Add(1)
		err = fmt.Errorf("%w in %q: %w", ErrUndecodable, room.name, err)
		r.options.OnError(room.name, err)
		return
	}
	room.send(msg, nil)
}

// accept turns what another process sent into a message: it decodes it, marks it with its
// place if it comes from a log, and measures it. All three call code of the user, and what
// was sent must not end this process, nor the connections of the members. So a panic
// becomes an error, and so does nil.
func (r *Rooms[M]) accept(body []byte, at *Place) (s sized[M], err error) {
	err = recovered.Call(func() error {
		msg, err := r.options.Decode(body)
		if err != nil {
			return err
		}
		if at != nil && r.options.Stamp != nil {
			msg = r.options.Stamp(msg, at.String())
		}
		if codec.IsNil(msg) {
			return codec.ErrNil
		}
		s, err = r.options.judge(msg)
		return err
	})
	return s, err
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
