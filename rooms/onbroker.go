package rooms

import (
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
	origin   origin
	outgoing *line.Lines // waits for the broker, and gives up after networkWait
}

func newOnBroker[M any](r *Rooms[M], b Broker) *onBroker[M] {
	return &onBroker[M]{r, b, newOrigin(), line.NewLines(networkWait, ErrSlowBroker)}
}

func (c *onBroker[M]) open(room *room[M]) error {
	return c.broker.Subscribe(room.name, func(data []byte, lost error) {
		c.receive(room, data, lost)
	})
}

func (c *onBroker[M]) close(room *room[M]) error { return c.broker.Unsubscribe(room.name) }

// joined keeps a member whose room cannot be subscribed: it has the others of its process.
func (c *onBroker[M]) joined(m *Member[M]) error {
	c.settle(m.room)
	return nil
}

func (c *onBroker[M]) send(name string, msg M, except *Member[M]) error {
	sized, body, err := c.prepare(name, msg)
	if err != nil {
		return err
	}
	c.deliver(name, sized, except)
	data := seal(c.origin, body)
	err = c.outgoing.Do(name, func() error { return c.broker.Publish(name, data) })
	if err = wrap("publish to", name, err); err != nil {
		c.fail(name, err)
	}
	return err
}

// receive passes a message from the broker to the members.
func (c *onBroker[M]) receive(room *room[M], data []byte, lost error) {
	if lost != nil {
		c.fail(room.name, wrap("receive in", room.name, lost))
		return
	}
	from, body, err := unseal(data)
	if err == nil && from == c.origin {
		return
	}
	var msg sized[M]
	if err == nil {
		msg, err = c.accept(body, nil)
	}
	if err != nil {
		c.undecodable(room.name, err)
		return
	}
	room.send(msg, nil)
}
