package natsbroker

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
)

var (
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("natsbroker: the broker is closed")
	// ErrSubscribed is returned for a second subscription to a room: two Rooms share the
	// broker. Give each its own, with a prefix of its own.
	ErrSubscribed = errors.New("natsbroker: subscribed to that room already")
	// ErrSlow is returned by Publish when NATS, or the way to it, stands still. It is a
	// rooms.ErrSlowBroker.
	ErrSlow = fmt.Errorf("natsbroker: NATS stands still: %w", rooms.ErrSlowBroker)
)

const (
	// serverWait bounds how long the broker waits for the server's answer. When it is
	// over, a subscription is on its way all the same, and the watcher waits on.
	serverWait = 2 * time.Second

	// publishWait is how long Publish waits.
	publishWait = time.Second
)

// Broker is a process's end of rooms on NATS. Make it with [New], give it to one
// rooms.Options, and close it when its rooms are done with. All methods are safe for
// concurrent use.
type Broker struct {
	nc       *nats.Conn
	prefix   string
	sender   [8]byte
	seed     maphash.Seed
	workers  []*worker
	watcher  *watcher
	outgoing *line.Lines

	quit    chan struct{} // closed by Close
	once    sync.Once
	running sync.WaitGroup
}

var _ rooms.Prompt = (*Broker)(nil)

// New returns a broker on a connection, which stays the caller's. It panics on a nil
// connection and on mistakes in the options; nil options are the defaults. It starts one
// goroutine for each of GOMAXPROCS, and one that watches the connection; Close ends them.
func New(nc *nats.Conn, o *Options) *Broker {
	if nc == nil {
		panic("natsbroker: New: the connection is nil")
	}
	c := compile(o)
	b := &Broker{
		nc:       nc,
		prefix:   c.Prefix + ".",
		sender:   newSender(),
		seed:     maphash.MakeSeed(),
		outgoing: line.NewLines(publishWait, ErrSlow),
		quit:     make(chan struct{}),
	}
	for range runtime.GOMAXPROCS(0) {
		w := newWorker(c.Pending)
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

// Publish implements rooms.Broker. It returns nats.ErrDisconnected while NATS is away. It
// waits no longer than a second: nats.go blocks while NATS takes no bytes, and while it
// tries to reconnect. Then Publish returns [ErrSlow], and so does every Publish that
// follows, at once, until nats.go goes on.
//
// No error means that nats.go has the message. If the connection breaks before NATS has
// it, the rooms are told with [ErrOutage].
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

// state says why nothing can be published. nats.go itself would keep it for later.
func (b *Broker) state() error {
	switch {
	case b.nc.IsConnected():
		return nil
	case b.nc.IsClosed():
		return nats.ErrConnectionClosed
	}
	return nats.ErrDisconnected
}

// Subscribe implements rooms.Broker. It waits for the server's answer, a round trip, so
// that nothing that is published afterwards is missed. While NATS is away it does not
// wait for it, and takes effect when NATS is back. When no answer comes for two seconds,
// it takes effect later as well, and the room is told with [ErrOutage] when it has. It
// waits for nats.go, which blocks for some seconds while NATS takes no bytes and while it
// tries to reconnect. It fails without the permission, for a connection that is closed or
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
		return nil // it is on its way, or sent again with the next connection
	}
	if err := refusal(subject, before, b.nc.LastError()); err != nil {
		_ = w.unsubscribe(subject)
		return err
	}
	return nil
}

// Unsubscribe implements rooms.Broker. It waits for nats.go as Subscribe does, but for no
// answer.
func (b *Broker) Unsubscribe(room string) error {
	subject := b.subject(room)
	return b.worker(subject).unsubscribe(subject)
}

// Close ends all subscriptions and the broker's goroutines, and waits for them. It does
// not close the connection. Afterwards everything but Unsubscribe and Close returns
// [ErrClosed]; the rooms go on in their process. It must not be called from a hook of the
// rooms or of the broker, which one of the goroutines may be running.
func (b *Broker) Close() {
	b.once.Do(func() {
		close(b.quit)
		for _, w := range b.workers {
			w.close()
		}
	})
	b.running.Wait()
}

// tell has those subscribed rooms told that a loss concerns.
func (b *Broker) tell(lost error, concerns func(s *subscription) bool) {
	for _, w := range b.workers {
		w.tell(lost, concerns)
	}
}

func (b *Broker) subject(room string) string { return b.prefix + token(room) }

// worker returns the one that a subject belongs to: always the same, which keeps the
// order.
func (b *Broker) worker(subject string) *worker {
	return b.workers[maphash.String(b.seed, subject)%uint64(len(b.workers))]
}
