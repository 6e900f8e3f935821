package rooms_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
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
