package natsrooms

import (
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/pool"
	"github.com/beatrichartz/martini-sockets/rooms/internal/subjects"
)

var (
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("natsrooms: closed")
	// ErrSlow is returned by Publish if NATS, or the network to it, was stuck. It wraps
	// rooms.ErrSlowBroker.
	ErrSlow = fmt.Errorf("natsrooms: NATS stands still: %w", rooms.ErrSlowBroker)
	// ErrOutage means that the connection to NATS was broken: messages to this process,
	// and those that it had just published, may be lost. Then all rooms get it. Or it
	// means that the connection was stuck when a room was subscribed, so that NATS
	// learned of the room late. Then only that room gets it. In both cases delivery has
	// resumed, unless the error also wraps nats.ErrConnectionClosed.
	ErrOutage = errors.New("natsrooms: the connection to NATS was broken or stood still")
)

// publishWait is how late Publish may send a message.
const publishWait = time.Second

// Broker connects the rooms of one process to NATS. Make it with [NewBroker], give it
// to one rooms.Options, and close it when its rooms are no longer used. All methods are
// safe for concurrent use.
type Broker struct {
	link   *link
	prefix string
	pool   *pool.Pool[*nats.Msg, *listener]
}

var _ rooms.Broker = (*Broker)(nil)

// NewBroker returns a broker on a connection, which still belongs to the caller. It
// panics if nc is nil or the options contain a mistake; nil options mean the defaults. It
// starts GOMAXPROCS goroutines, and two that watch the connection; Close ends them.
func NewBroker(nc *nats.Conn, o *BrokerOptions) *Broker {
	if nc == nil {
		panic("natsrooms: NewBroker: the connection is nil")
	}
	c := compileBroker(o)
	b := &Broker{link: newLink(nc, c.Connect), prefix: c.Prefix + "."}
	b.pool = newPool[*listener](b.link, c.Pending, c.OnOutage)
	return b
}

// listener is a subscribed room.
type listener struct {
	pool.Receiver
	sub subscription
}

func (l *listener) subscription() *subscription { return &l.sub }

// Receive implements pool.Room.
func (l *listener) Receive(msg *nats.Msg) { l.Receiver(msg.Data, nil) }

// Publish implements rooms.Broker. While NATS is down, it returns nats.ErrDisconnected.
// It blocks while nats.go does: while NATS takes no bytes, for at most the connection's
// FlusherTimeout, and while nats.go tries to reconnect. If it had to wait for longer
// than a second before it could send, it returns [ErrSlow] and sends nothing.
//
// A nil error means that nats.go has the message. If the connection breaks before NATS
// has it, the rooms get [ErrOutage]. If NATS refuses it, because a right is missing,
// the next Publish to the room returns nats.ErrPermissionViolation.
func (b *Broker) Publish(room string, data []byte) error {
	if err := b.pool.Err(); err != nil {
		return err
	}
	begun := time.Now()
	if err := b.link.state(); err != nil {
		return err
	}
	if time.Since(begun) > publishWait { // the broadcast has returned an error already
		return ErrSlow
	}
	subject := b.subject(room)
	if err := b.link.conn().Publish(subject, data); err != nil {
		return err
	}
	return b.link.publishRefused(subject)
}

// Subscribe implements rooms.Broker. It waits for the server's answer, one round trip,
// so that no message published afterwards is missed. While NATS is down it does not
// wait, and takes effect when NATS is back. If no answer comes for two seconds, it
// takes effect later, and the room then gets [ErrOutage]. It may also block in nats.go
// for some seconds while NATS takes no bytes, or while nats.go tries to reconnect.
//
// Subscribe returns an error if the permission is missing, if the connection is closed
// or draining, and after Close.
func (b *Broker) Subscribe(room string, receive func(data []byte, lost error)) error {
	return b.pool.Subscribe(b.subject(room), &listener{Receiver: receive})
}

// Unsubscribe implements rooms.Broker. It may block in nats.go as Subscribe does, but
// does not wait for the server's answer.
func (b *Broker) Unsubscribe(room string) error { return b.pool.Unsubscribe(b.subject(room)) }

// Close ends all subscriptions and the broker's goroutines, and waits for them. It does
// not close the connection. Afterwards Publish and Subscribe return [ErrClosed]; the
// rooms still work within their process. Do not call Close from a hook of the rooms or
// of the broker: one of those goroutines may be running the hook.
func (b *Broker) Close() { b.pool.Close() }

func (b *Broker) subject(room string) string { return b.prefix + subjects.Token(room) }
