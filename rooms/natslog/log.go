package natslog

import (
	"context"
	"errors"
	"hash/maphash"
	"runtime"
	"sync"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
)

var (
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("natslog: the log is closed")
	// ErrFollowed is returned for a second follower of a room: two Rooms share the log.
	ErrFollowed = errors.New("natslog: the room is followed already")
	// ErrNotReady is returned, wrapped with the reason, until the stream was seen, and
	// when it is gone.
	ErrNotReady = errors.New("natslog: the stream is not there")
	// ErrStream says, wrapped, that a stream of this name is there, but is not a log.
	ErrStream = errors.New("natslog: the stream is not configured as a log")
	// ErrRemade is told to the rooms when the stream was made anew: what was in the old
	// one is lost.
	ErrRemade = errors.New("natslog: the stream was made anew")
)

// Log is a process's end of rooms that are kept on JetStream. Make it with [New], give it
// to one rooms.Options, and close it when its rooms are done with. All methods are safe
// for concurrent use.
type Log struct {
	nc      *nats.Conn
	options Options
	stream  *stream
	seed    maphash.Seed
	workers []*worker

	quit    chan struct{} // closed by Close
	once    sync.Once
	running sync.WaitGroup
}

var _ rooms.Log = (*Log)(nil)

// New returns a log on a connection, which stays the caller's. It does not wait for NATS:
// the stream is looked up, and made if there is none, as soon as NATS is there. It panics
// on a nil connection and on mistakes in the options; nil options are the defaults. It
// starts one goroutine, and one for each of GOMAXPROCS, which Close ends.
func New(nc *nats.Conn, o *Options) *Log {
	if nc == nil {
		panic("natslog: New: the connection is nil")
	}
	l := &Log{nc: nc, options: compile(o), seed: maphash.MakeSeed(),
		quit: make(chan struct{})}
	for range runtime.GOMAXPROCS(0) {
		w := newWorker(l)
		l.workers = append(l.workers, w)
		l.running.Go(w.run)
	}
	l.stream = newStream(l)
	l.running.Go(l.stream.run)
	return l
}

// Ready waits until the stream is there and as it has to be, or ctx ends. Programs that
// should not start without their log call it after New; no other method needs it.
func (l *Log) Ready(ctx context.Context) error { return l.stream.wait(ctx) }

// Close ends all following and the log's goroutines, and waits for them. It does not
// close the connection. Afterwards everything but Unfollow and Close returns [ErrClosed].
// It must not be called from a hook of the rooms, which one of the goroutines may be
// running.
func (l *Log) Close() {
	l.once.Do(func() {
		close(l.quit)
		for _, w := range l.workers {
			w.close()
		}
	})
	l.running.Wait()
}

func (l *Log) closed() bool {
	select {
	case <-l.quit:
		return true
	default:
		return false
	}
}

// begin bounds what is about to ask NATS, and says at once when NATS is away: nothing
// that was asked may be kept for later.
func (l *Log) begin(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if l.closed() {
		return nil, nil, ErrClosed
	}
	if err := l.away(); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, l.options.Wait)
	if err := l.stream.known(ctx); err != nil {
		cancel()
		return nil, nil, err
	}
	return ctx, cancel, nil
}

func (l *Log) away() error {
	switch {
	case l.nc.IsConnected():
		return nil
	case l.nc.IsClosed():
		return nats.ErrConnectionClosed
	}
	return nats.ErrDisconnected
}

func (l *Log) subject(room string) string { return l.options.Prefix + ".log." + token(room) }

func (l *Log) live(room string) string { return l.options.Prefix + ".live." + token(room) }

// worker returns the one that a room belongs to: always the same, which keeps the order.
func (l *Log) worker(live string) *worker {
	return l.workers[maphash.String(l.seed, live)%uint64(len(l.workers))]
}
