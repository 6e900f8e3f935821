package natsrooms

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/pool"
	"github.com/beatrichartz/martini-sockets/rooms/internal/subjects"
)

var (
	// ErrNotReady is wrapped by errors until the stream was first seen, and when it is
	// gone. They also wrap the reason.
	ErrNotReady = errors.New("natsrooms: the stream is not there")
	// ErrStream is wrapped by errors if the stream exists, but cannot be a log.
	ErrStream = errors.New("natsrooms: the stream is not configured as a log")
	// ErrRemade is reported to the rooms if the stream was lost and created again: the
	// messages of the old one are lost.
	ErrRemade = errors.New("natsrooms: the stream was made anew")
)

// Log keeps the rooms of one process on JetStream. Make it with [NewLog], give it to
// one rooms.Options, and close it when its rooms are no longer used. All methods are
// safe for concurrent use.
type Log struct {
	link    *link
	options LogOptions
	stream  *stream
	turns   turns
	ends    ends
	pool    *pool.Pool[*nats.Msg, *follower]
}

var _ rooms.Log = (*Log)(nil)

// NewLog returns a log on a connection, which still belongs to the caller. It does not
// wait for NATS: as soon as NATS is up, the log looks for the stream, and creates it if
// there is none. NewLog panics if nc is nil or the options contain a mistake; nil options
// mean the defaults. It starts GOMAXPROCS goroutines, and four for the connection, the
// stream and its marks; Close ends them.
func NewLog(nc *nats.Conn, o *LogOptions) *Log {
	if nc == nil {
		panic("natsrooms: NewLog: the connection is nil")
	}
	l := &Log{options: compileLog(o), turns: turns{rooms: make(map[string]*turn)},
		ends: ends{rooms: make(map[string]end)}}
	l.link = newLink(nc, l.options.Connect)
	l.stream = newStream(l)
	l.pool = newPool[*follower](l.link, l.options.Pending, func(error) { l.stream.lookSoon() })
	l.pool.Go(l.stream.run)
	l.pool.Go(l.keep)
	return l
}

// Ready blocks until the stream exists and can be a log, or ctx ends. Call it after New
// if the program should not start without its log; no other method needs it.
func (l *Log) Ready(ctx context.Context) error { return l.stream.wait(ctx) }

// Close stops following all rooms, ends the log's goroutines, and waits for them. It
// does not close the connection. Afterwards all methods except Unfollow and Close
// return [ErrClosed]. Do not call Close from a hook of the rooms: one of those
// goroutines may be running the hook.
func (l *Log) Close() { l.pool.Close() }

// begin limits the time of a request to NATS. If NATS is down, it returns an error at
// once, because nats.go would keep the request and send it later.
func (l *Log) begin(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if err := l.pool.Err(); err != nil {
		return nil, nil, err
	}
	if err := l.link.state(); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, l.options.Wait)
	if err := l.stream.known(ctx); err != nil {
		cancel()
		return nil, nil, err
	}
	return ctx, cancel, nil
}

// breaks returns how often the connection was replaced.
func (l *Log) breaks() uint64 {
	breaks, _ := l.link.Look()
	return breaks
}

func (l *Log) subject(room string) string {
	return l.options.Prefix + ".log." + subjects.Token(room)
}

func (l *Log) live(room string) string {
	return l.options.Prefix + ".live." + subjects.Token(room)
}
