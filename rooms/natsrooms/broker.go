package natsrooms

import (
	"errors"
	"fmt"
	"hash/maphash"
	"runtime"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/line"
	"github.com/beatrichartz/martini-sockets/rooms/internal/subjects"
)

var (
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("natsrooms: closed")
	// ErrSubscribed is returned for a second subscription to a room. It means that two
	// Rooms share the broker; give each its own, with a prefix of its own.
	ErrSubscribed = errors.New("natsrooms: subscribed to that room already")
	// ErrSlow is returned by Publish if NATS, or the network to it, is stuck. It wraps
	// rooms.ErrSlowBroker.
	ErrSlow = fmt.Errorf("natsrooms: NATS stands still: %w", rooms.ErrSlowBroker)
)

const (
	// serverWait limits how long the broker waits for the server's answer. After that, a
	// subscription still takes effect later, and the watcher goes on waiting for it.
	serverWait = 2 * time.Second

	// publishWait is how long Publish waits.
	publishWait = time.Second
)

// Broker connects the rooms of one process to NATS. Make it with [NewBroker], give it to one
// rooms.Options, and close it when its rooms are no longer used. All methods are safe for
// concurrent use.
type Broker struct {
	nc       *nats.Conn
	prefix   string
	sender   [8]byte
	seed     maphash.Seed
	workers  []*brokerWorker
	watcher  *watcher
	outgoing *line.Lines

	quit    chan struct{} // closed by Close
	once    sync.Once
	running sync.WaitGroup
}

var _ rooms.Prompt = (*Broker)(nil)

// New returns a broker on a connection, which still belongs to the caller. It panics if
// nc is nil or the options contain a mistake; nil options mean the defaults. It starts
// GOMAXPROCS goroutines, and one that watches the connection; Close ends them.
func NewBroker(nc *nats.Conn, o *BrokerOptions) *Broker {
	if nc == nil {
		panic("natsrooms: NewBroker: the connection is nil")
	}
	c := compileBroker(o)
	b := &Broker{
		nc:       nc,
		prefix:   c.Prefix + ".",
		sender:   newSender(),
		seed:     maphash.MakeSeed(),
		outgoing: line.NewLines(publishWait, ErrSlow),
		quit:     make(chan struct{}),
	}
	for range runtime.GOMAXPROCS(0) {
		w := newBrokerWorker(c.Pending)
		b.workers = append(b.workers, w)
		b.running.Go(func() { w.run(b.quit) })
	}
	b.watcher = &watcher{nc: nc, toldReconnects: nc.Stats().Reconnects}
	b.watcher.tell = func(outage error, concerns func(*subscription) bool) {
		b.tell(outage, concerns)
		c.OnOutage(outage)
	}
	b.running.Go(func() { b.watcher.run(b.quit) })
	return b
}

// Publish implements rooms.Broker. While NATS is down, it returns nats.ErrDisconnected.
// nats.go blocks while NATS takes no bytes, and while it tries to reconnect. After a
// second Publish returns [ErrSlow], and every later Publish returns it at once, until
// nats.go no longer blocks.
//
// A nil error means that nats.go has the message. If the connection breaks before NATS
// has it, the rooms get [ErrOutage].
func (b *Broker) Publish(room string, data []byte) error {
	select {
	case <-b.quit:
		return ErrClosed
	default:
	}
	subject, sealed, begun := b.subject(room), stamp{sender: b.sender}.seal(data), time.Now()
	return b.outgoing.Do(subject, func() error {
		if err := b.state(); err != nil {
			return err
		}
		if time.Since(begun) > publishWait {
			return ErrSlow // Publish has returned it already
		}
		restamp(sealed, b.nc.Stats().Reconnects)
		return b.nc.Publish(subject, sealed)
	})
}

// Prompt implements rooms.Prompt: it returns the broker.
func (b *Broker) Prompt() rooms.Broker { return b }

// state returns an error if nothing can be published. Without this check, nats.go would
// keep the message and send it later.
func (b *Broker) state() error {
	switch {
	case b.nc.IsConnected():
		return nil
	case b.nc.IsClosed():
		return nats.ErrConnectionClosed
	}
	return nats.ErrDisconnected
}

// Subscribe implements rooms.Broker. It waits for the server's answer, one round trip,
// so that no message published afterwards is missed. While NATS is down it does not
// wait, and takes effect when NATS is back. If no answer comes for two seconds, it
// takes effect later, and the room then gets [ErrOutage]. It may also block in nats.go
// for some seconds while NATS takes no bytes, or while nats.go tries to reconnect.
//
// Subscribe returns an error if the permission is missing, if the connection is closed or
// draining, and after Close.
func (b *Broker) Subscribe(room string, receive func(data []byte, lost error)) error {
	subject, before := b.subject(room), b.nc.LastError()
	w := b.worker(subject)
	if err := w.subscribe(b.nc, subject, receive); err != nil {
		return err
	}
	if !b.nc.IsConnected() {
		return nil
	}
	if b.nc.FlushTimeout(serverWait) != nil {
		w.setLate(subject, &b.watcher.unanswered)
		return nil // nats.go has sent it, and sends it again if it reconnects
	}
	if err := refusal(subject, before, b.nc.LastError()); err != nil {
		_ = w.unsubscribe(subject)
		return err
	}
	return nil
}

// Unsubscribe implements rooms.Broker. It may block in nats.go as Subscribe does, but
// does not wait for the server's answer.
func (b *Broker) Unsubscribe(room string) error {
	subject := b.subject(room)
	return b.worker(subject).unsubscribe(subject)
}

// Close ends all subscriptions and the broker's goroutines, and waits for them. It does
// not close the connection. Afterwards Publish and Subscribe return [ErrClosed]; the
// rooms still work within their process. Do not call Close from a hook of the rooms or
// of the broker: one of those goroutines may be running the hook.
func (b *Broker) Close() {
	b.once.Do(func() {
		close(b.quit)
		for _, w := range b.workers {
			w.close()
		}
	})
	b.running.Wait()
}

// tell reports a loss to those subscribed rooms for which concerns returns true.
func (b *Broker) tell(lost error, concerns func(s *subscription) bool) {
	for _, w := range b.workers {
		w.tell(lost, concerns)
	}
}

func (b *Broker) subject(room string) string { return b.prefix + subjects.Token(room) }

// worker returns the worker of a subject. It is always the same one, which keeps messages
// in order.
func (b *Broker) worker(subject string) *brokerWorker {
	return b.workers[maphash.String(b.seed, subject)%uint64(len(b.workers))]
}
