package redisrooms

import (
	"cmp"
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/pool"
	"github.com/beatrichartz/martini-sockets/rooms/internal/subjects"
)

// Log keeps the rooms of one process in streams. Make it with [NewLog], give it to one
// rooms.NewOnLog, and close it when its rooms are no longer used. All methods are safe
// for concurrent use.
type Log struct {
	client  *client
	link    *link
	options LogOptions
	clock   *clock
	pool    *pool.Pool[message, *follower]
}

var _ rooms.Log = (*Log)(nil)

// NewLog returns a log on a client, which still belongs to the caller; see the package
// comment for what it changes on a copy. It does not wait for Redis. NewLog panics if the
// client is none that a log can use, or if the options contain a mistake; nil options
// mean the defaults. It starts GOMAXPROCS goroutines, and a few for the connection;
// Close ends them.
func NewLog(u redis.UniversalClient, o *LogOptions) *Log {
	l := &Log{client: newClient("NewLog", u), options: compileLog(o), clock: newClock()}
	l.link = newLink(l.client, l.options.Prefix)
	l.pool = newPool[*follower](l.link, l.options.Pending, nil)
	l.pool.Go(l.sweep)
	return l
}

// Close stops following all rooms, ends the log's goroutines, and waits for them. It
// does not close the client. Afterwards all methods except Unfollow and Close return
// [ErrClosed]. Do not call Close from a hook of the rooms: one of those goroutines may
// be running the hook.
func (l *Log) Close() {
	l.link.close()
	l.pool.Close()
	l.client.close()
}

// begin limits the time of a call.
func (l *Log) begin(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if err := cmp.Or(l.pool.Err(), ctx.Err()); err != nil {
		return nil, nil, err // go-redis would begin
	}
	ctx, cancel := context.WithTimeout(ctx, l.options.Wait)
	return ctx, cancel, nil
}

// stream, id and channel name what a room has. The braces put all its keys into one slot
// of a cluster.
func (l *Log) stream(room string) string {
	return l.options.Prefix + ":s:{" + subjects.Token(room) + "}"
}

func (l *Log) id(room, id string) string {
	return l.options.Prefix + ":i:{" + subjects.Token(room) + "}:" + subjects.Hash(id)
}

func (l *Log) channel(room string) string {
	return l.options.Prefix + ":p:{" + subjects.Token(room) + "}"
}
