package rooms_test

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
	"github.com/beatrichartz/martini-sockets/rooms/memlog"
)

type message struct {
	Text string
}

// BenchmarkFanOut compares a room with what programs wrote by hand, a mutex and a loop of
// sends: the goal is no dearer. Each round fills the members' channels and empties them
// again, in both alike.
func BenchmarkFanOut(b *testing.B) {
	for _, n := range []int{1, 10, 1000} {
		channels := make([]chan *message, n)
		for i := range channels {
			channels[i] = make(chan *message, 10)
		}
		msg := &message{Text: "hello"}
		b.Run(fmt.Sprintf("by hand/members=%d", n), func(b *testing.B) {
			var mu sync.Mutex
			list := make([]chan<- *message, n)
			for i, c := range channels {
				list[i] = c
			}
			for b.Loop() {
				mu.Lock()
				for _, c := range list {
					select {
					case c <- msg:
					default:
					}
				}
				mu.Unlock()
				empty(channels)
			}
		})
		b.Run(fmt.Sprintf("room/members=%d", n), func(b *testing.B) {
			r := rooms.New[*message](nil)
			for _, c := range channels {
				m, err := r.Join("lobby", c, nil, nil)
				if err != nil {
					b.Fatalf("Join = %v, want no error", err)
				}
				defer m.Leave()
			}
			b.ReportAllocs()
			for b.Loop() {
				r.Broadcast("lobby", msg)
				empty(channels)
			}
		})
	}
}

// BenchmarkLatest is a broadcast to one member that takes nothing, of one of so many keys
// in turn: the time must not grow with them. What is read beside the room is memory.
func BenchmarkLatest(b *testing.B) {
	for _, keys := range []int{10, 4000} {
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) {
			r := rooms.New(&rooms.Options[string]{Grace: -1, Latest: keyOf})
			messages := make([]string, keys)
			for i := range messages {
				messages[i] = fmt.Sprintf("%d=1", i)
			}
			slow := join(b, r, "lobby", 0, "slow")
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				r.Broadcast("lobby", messages[i%keys])
				i++
			}
			slow.Leave()
		})
	}
}

func empty(channels []chan *message) {
	for _, c := range channels {
		<-c
	}
}

// BenchmarkLog is BenchmarkBroadcast to one member, on a log in memory and without one.
func BenchmarkLog(b *testing.B) {
	for _, r := range []*rooms.Rooms[string]{
		rooms.New[string](nil), rooms.NewOnLog[string](memlog.New(256, time.Hour), nil).Rooms,
	} {
		b.Run("", func(b *testing.B) {
			in := make(chan string, 1)
			if _, err := r.Join("lobby", in, nil, nil); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				r.Broadcast("lobby", "hello")
				<-in
			}
		})
	}
}

// BenchmarkCatchUp is JoinAfter with so many missed.
func BenchmarkCatchUp(b *testing.B) {
	for _, missed := range []int{0, 10, 1000, 10000} {
		b.Run(fmt.Sprint(missed), func(b *testing.B) {
			r := rooms.NewOnLog(memlog.New(20000, time.Hour), &rooms.Options[string]{
				Backlog: -1, BacklogBytes: -1})
			position, _ := r.Say(b.Context(), "lobby", "", "seen")
			for range missed {
				r.Broadcast("lobby", "missed")
			}
			for b.Loop() {
				m, got, _ := r.JoinAfter("lobby", position, make(chan string), nil, nil)
				if len(got.Messages) != missed {
					b.Fatal(len(got.Messages))
				}
				m.Leave()
			}
		})
	}
}

// crowd is a room of n members whose channels the publishers empty themselves: the
// benchmark then measures rooms, not the scheduling of n readers.
type crowd struct {
	rooms   *rooms.Rooms[int]
	members []*client[int]
	quit    chan struct{}
	running sync.WaitGroup
}

func newCrowd(b *testing.B, r *rooms.Rooms[int], n int) *crowd {
	c := &crowd{rooms: r, quit: make(chan struct{})}
	for i := range n {
		c.members = append(c.members, join(b, r, "crowd", 16, i))
	}
	b.Cleanup(func() {
		close(c.quit)
		c.running.Wait()
	})
	return c
}

// start has f called again and again until the benchmark is over.
func (c *crowd) start(f func()) {
	c.running.Go(func() {
		for {
			select {
			case <-c.quit:
				return
			default:
				f()
			}
		}
	})
}

func (c *crowd) publish() {
	c.rooms.Broadcast("crowd", 1)
	for _, m := range c.members {
		select {
		case <-m.in:
		default:
		}
	}
}

// measure reports how long f took. It pauses in between: without that, most calls would
// fall into the moments in which the crowd's publishers are not at work.
func measure(b *testing.B, f func()) {
	var took []time.Duration
	for b.Loop() {
		time.Sleep(100 * time.Microsecond)
		start := time.Now()
		f()
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "p50-ns")
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "p99-ns")
	b.ReportMetric(float64(took[len(took)-1].Nanoseconds()), "max-ns")
}

// Contract 10.7: a broadcast to one, beside a room of 100,000 that others join and leave.
func BenchmarkBroadcastBesideCrowd(b *testing.B) {
	for _, broker := range []bool{false, true} {
		b.Run(fmt.Sprintf("broker=%v", broker), func(b *testing.B) {
			o := &rooms.Options[int]{}
			if broker {
				o.Broker = new(brokertest.Memory).Broker()
			}
			r := rooms.New(o)
			c := newCrowd(b, r, 100_000)
			c.start(c.publish)
			c.start(func() { join(b, r, "crowd", 16, nil).Leave() })
			one := join(b, r, "one", 1, nil)
			measure(b, func() {
				r.Broadcast("one", 1)
				<-one.in
			})
		})
	}
}

// Contract 10.7: a Join to a room of 10,000 with two publishers.
func BenchmarkJoinCrowd(b *testing.B) {
	for _, publishers := range []int{0, 1, 2} {
		b.Run(fmt.Sprintf("publishers=%d", publishers), func(b *testing.B) {
			r := rooms.New[int](nil)
			c := newCrowd(b, r, 10_000)
			for range publishers {
				c.start(c.publish)
			}
			measure(b, func() { join(b, r, "crowd", 16, nil) })
		})
	}
}

// Contract 9.5: the broadcast with which 20,000 members pass their bound.
func BenchmarkStalledTogether(b *testing.B) {
	const backlog = 8
	var last []time.Duration
	for b.Loop() {
		r := rooms.New(&rooms.Options[int]{Backlog: backlog})
		for i := range 20_000 {
			join(b, r, "stalled", 0, i)
		}
		for i := range backlog {
			r.Broadcast("stalled", i)
		}
		for r.Stats().Behind < 20_000 {
			runtime.Gosched()
		}
		start := time.Now()
		r.Broadcast("stalled", backlog)
		last = append(last, time.Since(start))
		for r.Stats() != (rooms.Stats{Removed: 20_000}) {
			time.Sleep(time.Millisecond)
		}
	}
	slices.Sort(last)
	b.ReportMetric(float64(last[len(last)/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(last[len(last)-1].Microseconds()), "max-us")
}

// BenchmarkBroker is what a broadcast costs with a broker that costs nothing.
func BenchmarkBroker(b *testing.B) {
	r := rooms.New(&rooms.Options[string]{Broker: new(brokertest.Memory).Broker()})
	b.ReportAllocs()
	for b.Loop() {
		r.Broadcast("lobby", "hello")
	}
}

// noBroker is a broker that costs nothing.
type noBroker struct{}

func (noBroker) Publish(string, []byte) error                { return nil }
func (noBroker) Subscribe(string, func([]byte, error)) error { return nil }
func (noBroker) Unsubscribe(string) error                    { return nil }

// BenchmarkFirstJoin is what it costs to open a room and to close it, with a broker that
// costs nothing. Since Go 1.26 it also counts the goroutines that are started.
func BenchmarkFirstJoin(b *testing.B) {
	r := rooms.New(&rooms.Options[string]{Broker: noBroker{}})
	started := []metrics.Sample{{Name: "/sched/goroutines-created:goroutines"}}
	count := func() float64 {
		if metrics.Read(started); started[0].Value.Kind() != metrics.KindUint64 {
			return 0
		}
		return float64(started[0].Value.Uint64())
	}
	in, before := make(chan string, 1), count()
	b.ReportAllocs()
	for b.Loop() {
		m, err := r.Join("lobby", in, nil, nil)
		if err != nil {
			b.Fatalf("Join = %v, want no error", err)
		}
		m.Leave()
	}
	b.ReportMetric((count()-before)/float64(b.N), "goroutines/op")
}
