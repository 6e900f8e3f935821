package redisrooms

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/pool"
	"github.com/beatrichartz/martini-sockets/rooms/internal/subjects"
)

// publishWait is how long Publish waits.
const publishWait = time.Second

// Broker connects the rooms of one process to Redis. Make it with [NewBroker], give it
// to one rooms.Options, and close it when its rooms are no longer used. All methods are
// safe for concurrent use.
type Broker struct {
	client *client
	link   *link
	prefix string
	clock  *clock
	pool   *pool.Pool[message, listener]
}

var _ rooms.Broker = (*Broker)(nil)

// NewBroker returns a broker on a client, which still belongs to the caller; see the
// package comment for what it changes on a copy. It does not wait for Redis. NewBroker
// panics if the client is none that rooms can use, or if the options contain a mistake;
// nil options mean the defaults. It starts GOMAXPROCS goroutines, and three for the
// connection; Close ends them.
func NewBroker(u redis.UniversalClient, o *BrokerOptions) *Broker {
	c := compileBroker(o)
	b := &Broker{
		client: newClient("NewBroker", u),
		prefix: c.Prefix + ":b:",
		clock:  newClock(),
	}
	b.link = newLink(b.client, c.Prefix)
	b.pool = newPool[listener](b.link, c.Pending, c.OnOutage)
	return b
}

// listener is a subscribed room.
type listener struct{ pool.Receiver }

// Receive implements pool.Room.
func (l listener) Receive(m message) { l.Receiver([]byte(m.data), nil) }

// publishScript publishes the data to the channel, KEYS[1], unless it is late. ARGV are
// the deadline in microseconds of the server's clock, and the data. It returns whether
// it has published, and the time. That it counts as a script that writes has replicas
// refuse it, whose subscribers are not all.
var publishScript = newScript("#!lua flags=allow-oom", `
local time = call('TIME')
local now = time[1] * 1000000 + time[2]
if now > tonumber(ARGV[1]) then
	return {0, now}
end
call('PUBLISH', KEYS[1], ARGV[2])
return {1, now}
`)

// Publish implements rooms.Broker. It waits until Redis has the message, and has given
// it to all that are subscribed there; that is one round trip. While Redis is down, it
// returns why. If no answer comes within a second, Publish returns [ErrSlow], and Redis
// does not publish the message later; until Redis answers again, Publish then returns
// ErrSlow at once. To a cluster it is always sent.
func (b *Broker) Publish(room string, data []byte) error {
	if err := b.pool.Err(); err != nil {
		return err
	}
	if err := b.link.state(); err != nil {
		return err
	}
	until := time.Now().Add(publishWait)
	channel := b.channel(room)
	err := b.publish(channel, data, until)
	if errors.Is(err, errLate) && time.Now().Before(until) {
		err = b.publish(channel, data, until) // the clock is known better now
	}
	if err == nil || judge(err) != unknown && time.Now().Before(until) {
		return err
	}
	b.link.lost() // it may come after the next one, and then rooms drop it
	if time.Now().Before(until) {
		return err
	}
	b.link.setStuck(true)
	return fmt.Errorf("%w: %w", ErrSlow, err)
}

func (b *Broker) publish(channel string, data []byte, until time.Time) error {
	ctx, cancel := context.WithDeadline(context.Background(), until)
	defer cancel()
	sent := time.Now()
	answer, err := b.client.run(ctx, publishScript, []string{channel},
		b.clock.at(until).Microseconds(), data)
	if err != nil {
		return fmt.Errorf("redisrooms: PUBLISH %s: %w", channel, err)
	}
	parts, _ := answer.([]any)
	if len(parts) != 2 {
		return errAnswer
	}
	now, _ := parts[1].(int64)
	b.clock.see(time.Duration(now)*time.Microsecond, sent, time.Now())
	if parts[0] == int64(0) {
		return errLate
	}
	return nil
}

// Subscribe implements rooms.Broker. It waits for the server's answer, one round trip,
// so that no message published afterwards is missed. While Redis is down it does not
// wait, and takes effect when Redis is back. If no answer comes for two seconds, it
// takes effect later, and the room then gets [ErrOutage].
//
// Subscribe returns an error if the right is missing, and after Close.
func (b *Broker) Subscribe(room string, receive func(data []byte, lost error)) error {
	return b.pool.Subscribe(b.channel(room), listener{receive})
}

// Unsubscribe implements rooms.Broker. It does not wait for the server's answer, but may
// block for some seconds while the network takes no bytes.
func (b *Broker) Unsubscribe(room string) error { return b.pool.Unsubscribe(b.channel(room)) }

// Close ends all subscriptions and the broker's goroutines, and waits for them. It does
// not close the client. Afterwards Publish and Subscribe return [ErrClosed]; the rooms
// still work within their process. Do not call Close from a hook of the rooms or of the
// broker: one of those goroutines may be running the hook.
func (b *Broker) Close() {
	b.link.close()
	b.pool.Close()
	b.client.close()
}

func (b *Broker) channel(room string) string { return b.prefix + subjects.Token(room) }
