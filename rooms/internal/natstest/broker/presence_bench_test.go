//go:build unix

package broker_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/presence"
)

// What 1,000 rooms at rest, with six people each, cost three processes and their NATS
// server, all of them in this one: for each of the processes' beats.
func BenchmarkPresenceRest(b *testing.B) {
	const processes, inRooms, people = 3, 1000, 6
	const beat = 20 * time.Millisecond
	s := natstest.NewServer(b)
	var all []*presence.Presence[string]
	for range processes {
		broker := newBroker(b, s)
		p := presence.New(&presence.Options[string]{Broker: broker, Beat: beat})
		defer p.Close()
		all = append(all, p)
	}
	for i := range inRooms * people {
		room, key := fmt.Sprint("room ", i/people), fmt.Sprint("person ", i)
		if _, err := all[i%processes].Enter(room, key, "some value"); err != nil {
			b.Fatalf("Enter = %v, want no error", err)
		}
	}
	for _, p := range all {
		for len(p.Names()) < inRooms || p.Len("room 999") < people {
			time.Sleep(beat)
		}
	}
	time.Sleep(10 * beat)
	before, sent := cpuTime(b), s.Messages(b)
	b.ResetTimer()
	time.Sleep(time.Duration(b.N) * beat)
	b.StopTimer()
	beats := float64(b.N * processes)
	b.ReportMetric(float64(cpuTime(b)-before)/1e3/beats, "cpu-µs/beat")
	b.ReportMetric(float64(s.Messages(b)-sent)/beats, "messages/beat")
	b.ReportMetric(0, "ns/op")
}

// cpuTime is what this process has used so far.
func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatalf("Getrusage = %v, want no error", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
