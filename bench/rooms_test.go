package main

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"

	"github.com/beatrichartz/martini-sockets/bench/internal/serve"
	"github.com/beatrichartz/martini-sockets/rooms"
)

// BenchmarkMembers measures package rooms alone: channels, without connections and
// without a server. The capacity of the channels is the number of broadcasts that are
// timed together; then they are emptied while the clock stands.
func BenchmarkMembers(b *testing.B) {
	for _, each := range []int{10, 100, 1000, 10000, 100000} {
		b.Run(fmt.Sprintf("one-room-of-%d", each), func(b *testing.B) { members(b, 1, each) })
	}
	for _, n := range []int{1000, 10000, 100000} {
		b.Run(fmt.Sprintf("%d-rooms-of-2", n), func(b *testing.B) { members(b, n, 2) })
	}
}

func members(b *testing.B, count, each int) {
	const capacity = 16
	all := rooms.New[string](nil)
	names, channels := make([]string, count), make([]chan string, count*each)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	for i := range channels {
		channels[i] = make(chan string, capacity)
	}
	joined := make([]*rooms.Member[string], len(channels))
	before := heap()
	joining := timed(b, func() {
		for i, c := range channels {
			var err error
			if joined[i], err = all.Join(names[i/each], c, nil, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	memory := float64(heap() - before)
	broadcasting := 0.0
	for b.Loop() {
		broadcasting += timed(b, func() {
			for range capacity {
				for _, name := range names {
					_ = all.Broadcast(name, "hello") // there is no broker that could fail
				}
			}
		})
		for _, c := range channels {
			for range capacity {
				<-c // hangs if it is lost
			}
		}
	}
	leaving := timed(b, func() {
		for _, member := range joined {
			member.Leave()
		}
	})
	n := float64(len(channels))
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(broadcasting/float64(b.N*capacity)/n, "cpu-ns/member")
	b.ReportMetric(memory/n, "B/member")
	b.ReportMetric((joining+leaving)/n, "cpu-ns/join+leave")
}

// timed returns the CPU time of f in nanoseconds.
func timed(b *testing.B, f func()) float64 {
	from, _, err := serve.CPUTime()
	if err != nil {
		b.Fatal(err)
	}
	f()
	to, _, _ := serve.CPUTime()
	return float64(to - from)
}

// heap is what is in use once all garbage is gone.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}
