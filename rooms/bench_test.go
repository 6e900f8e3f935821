package rooms_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
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

func empty(channels []chan *message) {
	for _, c := range channels {
		<-c
	}
}

// BenchmarkLog is BenchmarkBroadcast to one member, on a log in memory and without one.
func BenchmarkLog(b *testing.B) {
	for _, log := range []rooms.Log{nil, memlog.New(256, time.Hour)} {
		b.Run(fmt.Sprint(log != nil), func(b *testing.B) {
			r := rooms.New(&rooms.Options[string]{Log: log})
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
			r := rooms.New(&rooms.Options[string]{
				Log: memlog.New(20000, time.Hour), Backlog: -1, BacklogBytes: -1})
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
