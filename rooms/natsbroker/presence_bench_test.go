//go:build unix

package natsbroker_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/natsbroker"
)

// What 1,000 rooms at rest, with six people each, cost three processes and their NATS
// server, all of them in this one: for each of the processes' beats.
func BenchmarkPresenceRest(b *testing.B) {
	const processes, inRooms, people = 3, 1000, 6
	const beat = 20 * time.Millisecond
	s := startRestServer(b)
	var all []*rooms.Presence[string]
	for range processes {
		broker := natsbroker.New(connectRest(b, s), nil)
		defer broker.Close()
		p := rooms.NewPresence(&rooms.PresenceOptions[string]{Broker: broker, Beat: beat})
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
	before, sent := cpuTime(b), messages(b, s)
	b.ResetTimer()
	time.Sleep(time.Duration(b.N) * beat)
	b.StopTimer()
	beats := float64(b.N * processes)
	b.ReportMetric(float64(cpuTime(b)-before)/1e3/beats, "cpu-µs/beat")
	b.ReportMetric(float64(messages(b, s)-sent)/beats, "messages/beat")
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

// messages is how many the server was sent.
func messages(b *testing.B, s *server.Server) int64 {
	v, err := s.Varz(nil)
	if err != nil {
		b.Fatalf("Varz = %v, want no error", err)
	}
	return v.InMsgs
}

func startRestServer(b *testing.B) *server.Server {
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true,
	})
	if err != nil {
		b.Fatalf("server.NewServer = %v, want no error", err)
	}
	s.Start()
	b.Cleanup(s.Shutdown)
	if !s.ReadyForConnections(10 * time.Second) {
		b.Fatal("the NATS server is not ready after 10 s")
	}
	return s
}

func connectRest(b *testing.B, s *server.Server) *nats.Conn {
	nc, err := nats.Connect(s.ClientURL(), natsbroker.Recommended)
	if err != nil {
		b.Fatalf("nats.Connect = %v, want no error", err)
	}
	b.Cleanup(nc.Close)
	return nc
}
