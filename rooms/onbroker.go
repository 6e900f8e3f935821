package rooms

import (
	"fmt"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/line"
)

// networkWait is how long a broadcast waits for the broker.
const networkWait = time.Second

// onBroker is the carrier for rooms on a broker. The members of this process are sent a
// message first, and without the network.
type onBroker[M any] struct {
	*Rooms[M]
	broker   Broker
	tallies  tallies
	outgoing *line.Lines // waits for the broker, and gives up after networkWait
}

func newOnBroker[M any](r *Rooms[M], b Broker) *onBroker[M] {
	c := &onBroker[M]{Rooms: r, broker: b}
	c.outgoing = line.NewLines(networkWait, ErrSlowBroker)
	c.tallies.from, c.tallies.say = newOrigin(), c.sayCount
	return c
}

func (c *onBroker[M]) open(room *room[M]) error {
	known := &peers{}
	err := c.broker.Subscribe(room.name, func(data []byte, lost error) {
		c.receive(room, known, data, lost)
	})
	if err == nil {
		c.tallies.setOpen(room.name, true)
	}
	return err
}

func (c *onBroker[M]) close(room *room[M]) error {
	c.tallies.setOpen(room.name, false)
	return c.broker.Unsubscribe(room.name)
}

// joined keeps a member whose room cannot be subscribed: it has the others of its process.
func (c *onBroker[M]) joined(m *Member[M]) error {
	_ = c.settle(m.room)
	return nil
}

func (c *onBroker[M]) send(name string, msg M, except *Member[M]) error {
	sized, body, err := c.prepare(name, msg)
	if err != nil {
		return err
	}
	c.deliver(name, sized, except)
	err = c.outgoing.Do(name, func() error {
		return c.broker.Publish(name, c.tallies.next(name).seal(body))
	})
	if err = wrap("publish to", name, err); err != nil {
		c.fail(name, err)
	}
	return err
}

// sayCount publishes how many messages there were. Its error is no news: the messages that
// it is about had theirs.
func (c *onBroker[M]) sayCount(name string, t *tally) error {
	return c.outgoing.Do(name, func() error {
		return c.broker.Publish(name, c.tallies.count(t).seal(nil))
	})
}

// receive passes a message from the broker to the members.
func (c *onBroker[M]) receive(room *room[M], known *peers, data []byte, lost error) {
	if lost != nil {
		c.tallies.lost(room.name)
		c.fail(room.name, wrap("receive in", room.name, lost))
		return
	}
	e, body, err := unseal(data)
	if err != nil {
		c.undecodable(room.name, err)
		return
	}
	if e.from == c.tallies.from {
		return
	}
	missing, late := known.hear(e)
	if missing > 0 {
		c.fail(room.name, wrap("receive in", room.name, fmt.Errorf("%w: %d", ErrMissed, missing)))
	}
	if late || e.format == countFormat {
		return
	}
	msg, err := c.accept(body, nil)
	if err != nil {
		c.undecodable(room.name, err)
		return
	}
	room.send(msg, nil)
}
