package presence

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
	"github.com/beatrichartz/martini-sockets/rooms/presence/internal/gossip"
)

// gossipRoom is the broker's room for all messages of a presence.
const gossipRoom = "presence"

// run is the goroutine of a presence with a broker: it subscribes, and publishes what is
// due. It ends when quit is closed, after it has published a farewell. No other goroutine
// waits for the broker.
func (p *Presence[P]) run() {
	subscribed, tried := p.subscribe(), time.Now()
	timer := time.NewTimer(p.options.Beat)
	defer timer.Stop()
	for {
		due := p.publishDue()
		if !subscribed && time.Since(tried) >= p.options.Beat {
			subscribed, tried = p.subscribe(), time.Now()
		}
		timer.Reset(time.Until(due))
		select {
		case <-timer.C:
		case <-p.wake:
		case <-p.quit:
			p.publish(p.node.Bye())
			if subscribed {
				p.call("unsubscribe from", func() error { return p.options.Broker.Unsubscribe(gossipRoom) })
			}
			return
		}
	}
}

// publishDue publishes what is due, and returns the time at which there will be more.
func (p *Presence[P]) publishDue() time.Time {
	for {
		select {
		case <-p.quit:
			return time.Now()
		default:
		}
		p.mu.Lock()
		data, due := p.node.Next(time.Now())
		p.mu.Unlock()
		if data == nil {
			return due
		}
		p.publish(data)
	}
}

// publish sends a message once. If it is lost, the next beat that arrives reveals that.
func (p *Presence[P]) publish(data []byte) {
	p.call("publish", func() error { return p.options.Broker.Publish(gossipRoom, data) })
}

// call calls the broker. It reports an error, and whether there is none.
func (p *Presence[P]) call(what string, f func() error) bool {
	err := recovered.Apart(f)
	if err != nil {
		p.options.OnError(fmt.Errorf("rooms: %s presence: %w", what, err))
	}
	return err == nil
}

// subscribe subscribes. Earlier messages were missed, so the node asks all others.
func (p *Presence[P]) subscribe() bool {
	if !p.call("subscribe to", func() error { return p.options.Broker.Subscribe(gossipRoom, p.receive) }) {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.node.Lost()
	return true
}

// poke makes run look for something to publish. It does not block.
func (p *Presence[P]) poke() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// receive is called by the broker.
func (p *Presence[P]) receive(data []byte, lost error) {
	if lost != nil {
		p.options.OnError(fmt.Errorf("rooms: receive presence: %w", lost))
		p.mu.Lock()
		p.node.Lost()
		p.mu.Unlock()
		p.poke()
		return
	}
	if err := p.hear(data); err != nil {
		p.options.OnError(fmt.Errorf("%w in presence: %w", rooms.ErrUndecodable, err))
	}
}

// hear processes a message. It decodes values without the lock, because Decode is the
// user's code.
func (p *Presence[P]) hear(data []byte) error {
	m, err := gossip.Parse(data)
	if err != nil {
		return err
	}
	p.mu.Lock()
	wanted := !p.closed && p.node.Wants(m)
	p.mu.Unlock()
	if !wanted {
		return nil
	}
	undecodable := p.decodeAll(m)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	changes, err := p.node.Receive(time.Now(), m)
	p.apply(changes)
	p.watch()
	p.poke()
	return errors.Join(err, undecodable)
}

// decodeAll decodes the values of a list. One that cannot be decoded stays nil: a message
// of another process must end neither this one nor the broker's goroutine.
func (p *Presence[P]) decodeAll(m *gossip.Message) (err error) {
	if m.List == nil {
		return nil
	}
	for i := range m.List.Entries {
		e := &m.List.Entries[i]
		failed := recovered.Apart(func() error {
			value, err := p.decode(e.Value)
			if err == nil {
				e.Decoded = &value
			}
			return err
		})
		err = cmp.Or(err, failed) // one error is enough
	}
	return err
}

// apply puts changes of other processes' visits into the lists. The caller holds p.mu.
func (p *Presence[P]) apply(changes []gossip.Change) {
	for _, c := range changes {
		id := visitID(c.From, c.Number)
		if c.Entry == nil || c.Entry.Decoded == nil {
			p.unset(c.Room, c.Key, id)
			continue
		}
		visit := Visit[P]{ID: id, Since: time.Unix(0, c.Entry.Since), Value: *c.Entry.Decoded.(*P)}
		p.set(c.Room, c.Key, visit)
	}
}

// watch starts the timer that calls expire when the first of the other processes has been
// silent for too long. It is not left to run, which may be waiting for the broker. The
// caller holds p.mu.
func (p *Presence[P]) watch() {
	if !p.watching {
		p.look()
	}
}

// expire is called by the timer.
func (p *Presence[P]) expire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.look()
	}
}

func (p *Presence[P]) look() {
	changes, again := p.node.Expire(time.Now())
	p.apply(changes)
	if p.watching = !again.IsZero(); p.watching {
		p.expiry.Reset(time.Until(again))
	}
}
