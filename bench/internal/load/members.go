package load

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/internal/serve"
	"github.com/beatrichartz/martini-sockets/rooms"
)

// The figures of package rooms.
const (
	MembersCPU    = "ns a member"  // CPU time of a broadcast
	MembersMemory = "bytes a room" // what a room and its members take, without their channels
	MemberMemory  = "bytes a member"
	MembersJoin   = "ns to join and leave"
)

// Members measures package rooms alone: channels, without connections and without a
// server.
type Members struct {
	Rooms int
	Each  int // members of each room
	Window
}

// buffer is the capacity of a member's channel: that many broadcasts are timed together,
// and then the channels are emptied while the clock stands.
const buffer = 16

// Run measures one round, in this process. The server is not used.
func (m Members) Run(ctx context.Context, _ Server) (Figures, error) {
	all := rooms.New[string](nil)
	names := make([]string, m.Rooms)
	channels := make([]chan string, m.Rooms*m.Each)
	for i := range names {
		names[i] = "room " + strconv.Itoa(i)
	}
	for i := range channels {
		channels[i] = make(chan string, buffer)
	}
	before := heap()
	start, err := serve.CPUTime()
	if err != nil {
		return nil, err
	}
	members := make([]*rooms.Member[string], len(channels))
	for i, c := range channels {
		if members[i], err = all.Join(names[i/m.Each], c, nil, nil); err != nil {
			return nil, err
		}
	}
	joined, _ := serve.CPUTime()
	memory := float64(heap() - before)
	cpu, n, err := m.broadcast(ctx, all, names, channels)
	if err != nil {
		return nil, err
	}
	leaving, _ := serve.CPUTime()
	for _, member := range members {
		member.Leave()
	}
	left, _ := serve.CPUTime()
	count := float64(len(channels))
	return Figures{
		{MembersCPU, float64(cpu.Nanoseconds()) / float64(n)},
		{MembersMemory, memory / float64(m.Rooms)},
		{MemberMemory, memory / count},
		{MembersJoin, float64((joined - start + left - leaving).Nanoseconds()) / count},
	}, nil
}

// broadcast fills the channels of all rooms again and again, for as long as the window
// says, and returns the CPU time that took and the number of deliveries.
func (m Members) broadcast(
	ctx context.Context, all *rooms.Rooms[string], names []string, channels []chan string,
) (cpu time.Duration, n int64, err error) {
	for begin := time.Now(); n == 0 || time.Since(begin) < m.Measure; {
		if err := ctx.Err(); err != nil {
			return cpu, n, err
		}
		from, err := serve.CPUTime()
		if err != nil {
			return cpu, n, err
		}
		for range buffer {
			for _, name := range names {
				_ = all.Broadcast(name, "hello") // there is no broker that could fail
			}
		}
		to, _ := serve.CPUTime()
		cpu += to - from
		n += int64(buffer * len(channels))
		for i, c := range channels {
			if err := empty(c); err != nil {
				return cpu, n, fmt.Errorf("member %d: %w", i, err)
			}
		}
	}
	return cpu, n, nil
}

func empty(c chan string) error {
	for i := range buffer {
		select {
		case <-c:
		default:
			return fmt.Errorf("%w: %d messages, want %d", ErrWrong, i, buffer)
		}
	}
	return nil
}

// heap is what is in use once all garbage is gone.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}
