//go:build linux

// Package figures measures rooms on Redis beside rooms on NATS, centrifuge's broker for
// Redis, and a bare script, in one run. NATS runs in the process of the test, in memory;
// Redis is a process of its own, with appendfsync everysec.
//
//	go test -run ^$ -bench . ./rooms/internal/figures
package figures

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/centrifugal/centrifuge"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

var message = []byte(strings.Repeat("x", 200))

const kept = 20_000

func startRedis(b *testing.B) *redistest.Server {
	return redistest.NewServer(b, "appendfsync everysec")
}

func redisLog(b *testing.B, s *redistest.Server) *redisrooms.Log {
	l := redisrooms.NewLog(s.Connect(b), &redisrooms.LogOptions{Count: kept})
	b.Cleanup(l.Close)
	return l
}

func startNATS(b *testing.B) *natstest.Server {
	dir := b.TempDir()
	return natstest.NewServer(b, func(o *server.Options) { o.JetStream, o.StoreDir = true, dir })
}

func natsLog(b *testing.B, s *natstest.Server) *natsrooms.Log {
	l := natsrooms.NewLog(s.Connect(b), &natsrooms.LogOptions{Count: kept, Memory: true})
	b.Cleanup(l.Close)
	if err := l.Ready(b.Context()); err != nil {
		b.Fatal(err)
	}
	return l
}

func newCentrifuge(b *testing.B) *centrifuge.RedisBroker {
	node, err := centrifuge.New(centrifuge.Config{})
	if err != nil {
		b.Fatal(err)
	}
	shard, err := centrifuge.NewRedisShard(node, centrifuge.RedisShardConfig{
		Address: startRedis(b).Address()})
	if err != nil {
		b.Fatal(err)
	}
	broker, err := centrifuge.NewRedisBroker(node, centrifuge.RedisBrokerConfig{
		Shards: []*centrifuge.RedisShard{shard}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { broker.Close(context.Background()) })
	return broker
}

// bare runs the commands that a log needs, and nothing else.
var bare = redis.NewScript(`
redis.call('TIME')
redis.call('GET', KEYS[2])
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('XINFO', 'STREAM', KEYS[1]) end
redis.call('XADD', KEYS[1], 'MAXLEN', '=', ARGV[1], '*', 'prev', '1-1', 'data', ARGV[2])
redis.call('SET', KEYS[2], '1', 'PX', 120000)
redis.call('PEXPIRE', KEYS[1], 86400000)
return redis.call('PUBLISH', KEYS[1], ARGV[2])`)

// BenchmarkAppend is 200 bytes, one after the other, or 16 at once.
func BenchmarkAppend(b *testing.B) {
	var ids atomic.Int64
	logs := func(open func(b *testing.B) rooms.Log) func(b *testing.B) func() error {
		return func(b *testing.B) func() error {
			l := open(b)
			if _, err := l.Follow(b.Context(), "room", func(rooms.News) {}); err != nil {
				b.Fatal(err)
			}
			return func() error {
				_, err := l.Append(b.Context(), "room", strconv.FormatInt(ids.Add(1), 36), message)
				return err
			}
		}
	}
	for _, engine := range []struct {
		name string
		open func(b *testing.B) func() error
	}{
		{"redis", logs(func(b *testing.B) rooms.Log { return redisLog(b, startRedis(b)) })},
		{"bare", func(b *testing.B) func() error {
			c := startRedis(b).Connect(b)
			follower := c.Subscribe(b.Context(), "{room}")
			b.Cleanup(func() { follower.Close() })
			go func() { // until the follower is closed
				for range follower.Channel() {
				}
			}()
			return func() error {
				keys := []string{"{room}", "{room}:" + strconv.FormatInt(ids.Add(1), 36)}
				return bare.Run(b.Context(), c, keys, kept, message).Err()
			}
		}},
		{"centrifuge", func(b *testing.B) func() error {
			broker := newCentrifuge(b)
			return func() error {
				_, _, err := broker.Publish("room", message, centrifuge.PublishOptions{
					HistorySize: kept, HistoryTTL: time.Hour,
					IdempotencyKey: strconv.FormatInt(ids.Add(1), 36)})
				return err
			}
		}},
		{"nats", logs(func(b *testing.B) rooms.Log { return natsLog(b, startNATS(b)) })},
	} {
		for _, at := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/%d", engine.name, at), func(b *testing.B) {
				put := engine.open(b)
				b.SetParallelism(max(1, at/runtime.GOMAXPROCS(0)))
				b.ResetTimer()
				if at == 1 {
					for b.Loop() {
						if err := put(); err != nil {
							b.Fatal(err)
						}
					}
					return
				}
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if err := put(); err != nil {
							b.Error(err)
						}
					}
				})
			})
		}
	}
}

// BenchmarkPublish is 200 bytes on a broker that one other process subscribes.
func BenchmarkPublish(b *testing.B) {
	b.Run("redis", func(b *testing.B) {
		s := startRedis(b)
		broker := redisrooms.NewBroker(s.Connect(b), nil)
		b.Cleanup(broker.Close)
		other := redisrooms.NewBroker(s.Connect(b), nil)
		b.Cleanup(other.Close)
		publish(b, broker, other)
	})
	b.Run("nats", func(b *testing.B) {
		s := startNATS(b)
		broker := natsrooms.NewBroker(s.Connect(b), nil)
		b.Cleanup(broker.Close)
		other := natsrooms.NewBroker(s.Connect(b), nil)
		b.Cleanup(other.Close)
		publish(b, broker, other)
	})
	b.Run("centrifuge", func(b *testing.B) {
		broker := newCentrifuge(b)
		for b.Loop() {
			_, _, err := broker.Publish("room", message, centrifuge.PublishOptions{})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

func publish(b *testing.B, broker, other rooms.Broker) {
	if err := other.Subscribe("room", func([]byte, error) {}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := broker.Publish("room", message); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkJoin is Join of an empty room, and Leave.
func BenchmarkJoin(b *testing.B) {
	join := func(b *testing.B, l rooms.Log) {
		r := rooms.NewOnLog[string](l, nil)
		for i := 0; b.Loop(); i++ {
			m, err := r.Join(strconv.Itoa(i), make(chan string), nil, nil)
			if err != nil {
				b.Fatal(err)
			}
			m.Leave()
		}
	}
	b.Run("redis", func(b *testing.B) { join(b, redisLog(b, startRedis(b))) })
	b.Run("nats", func(b *testing.B) { join(b, natsLog(b, startNATS(b))) })
}

// BenchmarkCatchUp reads so many entries of 200 bytes, in pages.
func BenchmarkCatchUp(b *testing.B) {
	read := func(b *testing.B, l rooms.Log, n int) {
		var first rooms.Place
		for i := range n + 1 {
			place, err := l.Append(b.Context(), "room", strconv.Itoa(i), message)
			if err != nil {
				b.Fatal(err)
			}
			if i == 0 {
				first = place
			}
		}
		for b.Loop() {
			got, at := 0, first
			for more := true; more; {
				page, err := l.Read(b.Context(), "room", at)
				if err != nil || !page.Whole {
					b.Fatal(page.Whole, err)
				}
				got, more = got+len(page.Entries), page.More
				at = page.Entries[len(page.Entries)-1].Place
			}
			if got != n {
				b.Fatalf("read %d entries, want %d", got, n)
			}
		}
	}
	for _, n := range []int{10, 1000, 10_000} {
		b.Run(fmt.Sprint("redis/", n), func(b *testing.B) {
			read(b, redisLog(b, startRedis(b)), n)
		})
		b.Run(fmt.Sprint("nats/", n), func(b *testing.B) {
			read(b, natsLog(b, startNATS(b)), n)
		})
		b.Run(fmt.Sprint("centrifuge/", n), func(b *testing.B) {
			broker := newCentrifuge(b)
			var first centrifuge.StreamPosition
			for i := range n + 1 {
				position, _, err := broker.Publish("room", message, centrifuge.PublishOptions{
					HistorySize: kept, HistoryTTL: time.Hour})
				if err != nil {
					b.Fatal(err)
				}
				if i == 0 {
					first = position
				}
			}
			for b.Loop() {
				got, _, err := broker.History("room", centrifuge.HistoryOptions{
					Filter: centrifuge.HistoryFilter{Since: &first, Limit: -1}})
				if err != nil || len(got) != n {
					b.Fatalf("read %d entries, want %d: %v", len(got), n, err)
				}
			}
		})
	}
}

// BenchmarkFollow is the memory of each of 10,000 empty rooms that are followed, in this
// process and in the server; their goroutines; and the time from the start of a server
// that was killed until all have heard of the outage, and hear again.
func BenchmarkFollow(b *testing.B) {
	const many = 10_000
	s := startRedis(b)
	l := redisLog(b, s)
	admin := s.Connect(b)
	follow := func(room string, receive func(rooms.News)) {
		if _, err := l.Follow(b.Context(), room, receive); err != nil {
			b.Fatal(err)
		}
	}
	follow("warm", func(rooms.News) {})
	here, there, goroutines := heap(), used(b, admin), runtime.NumGoroutine()
	var heard [many]atomic.Bool
	for i := range many {
		follow(strconv.Itoa(i), func(n rooms.News) {
			if n.Err != nil {
				heard[i].Store(true)
			}
		})
	}
	here, there = (heap()-here)/many, (used(b, admin)-there)/many
	goroutines = runtime.NumGoroutine() - goroutines
	var longest time.Duration
	for b.Loop() {
		s.Kill()
		for i := range heard {
			heard[i].Store(false)
		}
		begun := time.Now()
		s.Start(b)
		for i := range heard {
			for !heard[i].Load() {
				time.Sleep(time.Millisecond)
			}
		}
		longest = max(longest, time.Since(begun))
	}
	b.ReportMetric(float64(here), "B-here/room")
	b.ReportMetric(float64(there), "B-server/room")
	b.ReportMetric(float64(goroutines), "goroutines")
	b.ReportMetric(longest.Seconds(), "s-until-all-hear")
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func used(b *testing.B, c *redis.Client) (n int64) {
	info, err := c.InfoMap(b.Context(), "memory").Result()
	if err == nil {
		n, err = strconv.ParseInt(info["Memory"]["used_memory"], 10, 64)
	}
	if err != nil {
		b.Fatal(err)
	}
	return n
}
