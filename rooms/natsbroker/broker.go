package natsbroker

import (
	"errors"
	"hash/maphash"
	"runtime"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
)

var (
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("natsbroker: the broker is closed")
	// ErrSubscribed is returned for a second subscription to a room: two Rooms share the broker. Give each its own, with
	// a prefix of its own.
	ErrSubscribed = errors.New("natsbroker: subscribed to that room already")
)

// subscribeWait bounds how long Subscribe waits for the server. When it is over, the subscription is on its way all the same.
const subscribeWait = 2 * time.Second

// Broker is a process's end of rooms on NATS. Make it with [New], give it to one rooms.Options, and close it when its rooms
// are done with. All methods are safe for concurrent use.
type Broker struct {
	nc      *nats.Conn
	prefix  string
	seed    maphash.Seed
	workers []*worker

	quit    chan struct{} // closed by Close
	once    sync.Once
	running sync.WaitGroup
}

var _ rooms.Broker = (*Broker)(nil)

// New returns a broker on a connection, which stays the caller's. It panics on a nil connection and on mistakes in the
// options; nil options are the defaults. It starts one goroutine for each of GOMAXPROCS, which Close ends.
func New(nc *nats.Conn, o *Options) *Broker {
	if nc == nil {
		panic("natsbroker: New: the connection is nil")
	}
	c := compile(o)
	b := &Broker{nc: nc, prefix: c.Prefix + ".", seed: maphash.MakeSeed(), quit: make(chan struct{})}
	for range runtime.GOMAXPROCS(0) {
		w := newWorker(c.Pending)
		b.workers = append(b.workers, w)
		b.running.Go(func() { w.run(b.quit) })
	}
	return b
}

// Publish implements rooms.Broker. It returns nats.ErrDisconnected while NATS is away. An error of the connection may
// also come for a message that went out just before it broke. It blocks only while NATS reads slowly, for as long as the
// connection's FlusherTimeout.
func (b *Broker) Publish(room string, data []byte) error {
	if err := b.state(); err != nil {
		return err
	}
	if err := b.nc.Publish(b.subject(room), data); err != nil {
		return err
	}
	// If the connection broke meanwhile, nobody knows where the message is.
	return b.state()
}

// state says why nothing can be published. nats.go itself would keep it for later.
func (b *Broker) state() error {
	select {
	case <-b.quit:
		return ErrClosed
	default:
	}
	switch {
	case b.nc.IsConnected():
		return nil
	case b.nc.IsClosed():
		return nats.ErrConnectionClosed
	}
	return nats.ErrDisconnected
}

// Subscribe implements rooms.Broker. It waits for the server's answer, a round trip, so that nothing that is published
// afterwards is missed. While NATS is away it does not wait, and takes effect when NATS is back. It fails for a connection
// that is closed or draining, and after Close.
func (b *Broker) Subscribe(room string, receive func(data []byte, lost error)) error {
	subject := b.subject(room)
	if err := b.worker(subject).subscribe(b.nc, subject, receive); err != nil {
		return err
	}
	if b.nc.IsConnected() {
		// An error means that the connection broke; then the subscription is sent again with the next.
		_ = b.nc.FlushTimeout(subscribeWait)
	}
	return nil
}

// Unsubscribe implements rooms.Broker. It does not block.
func (b *Broker) Unsubscribe(room string) error {
	subject := b.subject(room)
	return b.worker(subject).unsubscribe(subject)
}

// Close ends all subscriptions and the broker's goroutines, and waits for them. It does not close the connection.
// Afterwards everything but Unsubscribe and Close returns [ErrClosed]; the rooms go on in their process. It must not be
// called from a hook of the rooms, which one of the goroutines may be running.
func (b *Broker) Close() {
	b.once.Do(func() {
		close(b.quit)
		for _, w := range b.workers {
			w.close()
		}
	})
	b.running.Wait()
}

func (b *Broker) subject(room string) string { return b.prefix + token(room) }

// worker returns the one that a subject belongs to: always the same, which keeps the order.
func (b *Broker) worker(subject string) *worker {
	return b.workers[maphash.String(b.seed, subject)%uint64(len(b.workers))]
}
