package log_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/proxy"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// BenchmarkBroadcast compares rooms on NATS: with a broker, which waits for nobody, and
// on a log, which waits until the stream has the message. One member takes all.
func BenchmarkBroadcast(b *testing.B) {
	for _, memory := range []bool{true, false} {
		b.Run(fmt.Sprint("log/memory=", memory), func(b *testing.B) {
			s := startNATS(b)
			broadcast(b, rooms.NewOnLog[string](newLog(b, s, natsrooms.LogOptions{Memory: memory}), nil).Rooms)
		})
	}
	b.Run("broker", func(b *testing.B) {
		s := startNATS(b)
		broker := natsrooms.NewBroker(s.Connect(b), nil)
		b.Cleanup(broker.Close)
		broadcast(b, rooms.New(&rooms.Options[string]{Broker: broker}))
	})
	b.Run("flush", func(b *testing.B) { // what a round trip takes
		nc := startNATS(b).Connect(b)
		for b.Loop() {
			nc.Publish("x", []byte("hello"))
			nc.Flush()
		}
	})
}

func broadcast(b *testing.B, r *rooms.Rooms[string]) {
	in := make(chan string, 1000)
	m, err := r.Join("lobby", in, nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer m.Leave()
	for b.Loop() {
		if err := r.Broadcast("lobby", "hello"); err != nil {
			b.Fatal(err)
		}
		for len(in) > 0 {
			<-in
		}
	}
}

// BenchmarkSay is Say by many of one process at the same time, in one room that has a
// member or none, over a network that takes a millisecond.
func BenchmarkSay(b *testing.B) {
	for _, members := range []int{0, 1} {
		for _, speakers := range []int{1, 16} {
			b.Run(fmt.Sprintf("members=%d/speakers=%d", members, speakers), func(b *testing.B) {
				proxy := proxy.New(b, startNATS(b))
				l := readyLog(b, natstest.Connect(b, proxy.Address()), &natsrooms.LogOptions{Memory: true})
				r := rooms.NewOnLog[string](l, nil)
				proxy.Slow(time.Millisecond)
				if members > 0 {
					in := make(chan string)
					if _, err := r.Join("lobby", in, nil, nil); err != nil {
						b.Fatal(err)
					}
					go func() {
						for range in {
						}
					}()
				}
				b.SetParallelism(speakers)
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if _, err := r.Say(b.Context(), "lobby", "", "hello"); err != nil {
							b.Error(err)
						}
					}
				})
			})
		}
	}
}

// BenchmarkCatchUp is JoinAfter with so many missed, and somebody else in the room.
func BenchmarkCatchUp(b *testing.B) {
	for _, missed := range []int{0, 10, 1000, 10000} {
		b.Run(fmt.Sprint(missed), func(b *testing.B) {
			s := startNATS(b)
			l := newLog(b, s, natsrooms.LogOptions{Memory: true, Count: 20000})
			r := rooms.NewOnLog(l, &rooms.Options[string]{Backlog: -1, BacklogBytes: -1})
			in := make(chan string)
			if _, err := r.Join("lobby", in, nil, nil); err != nil {
				b.Fatal(err)
			}
			position, err := r.Say(b.Context(), "lobby", "", "seen")
			if err != nil {
				b.Fatal(err)
			}
			<-in
			for range missed {
				r.Broadcast("lobby", "missed")
				<-in // so the room is there
			}
			for b.Loop() {
				m, got, err := r.JoinAfter("lobby", position, make(chan string), nil, nil)
				if err != nil || len(got.Messages) != missed || !got.Complete {
					b.Fatal(len(got.Messages), got.Complete, err)
				}
				m.Leave()
			}
		})
	}
}
