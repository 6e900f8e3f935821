//go:build linux

package cluster_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms/internal/goroutines"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest/cluster"
)

func TestMain(m *testing.M) { goroutines.Main(m) }

// newStream makes a stream S with three replicas.
func newStream(t *testing.T, a *cluster.Admin) {
	t.Helper()
	natstest.Eventually(t, "the stream is made", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err := a.JetStream().CreateStream(ctx, jetstream.StreamConfig{
			Name: "S", Subjects: []string{"s.*"}, Replicas: 3})
		return err == nil
	})
	a.Settled("S")
}

// appendOne appends to the stream until it is acknowledged, and returns the sequence. Its
// id has the stream take it once, if an acknowledgement comes too late.
func appendOne(t *testing.T, a *cluster.Admin, text string) (seq uint64) {
	t.Helper()
	natstest.Eventually(t, "it is acknowledged", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		ack, err := a.JetStream().Publish(ctx, "s.a", []byte(text), jetstream.WithMsgID(text))
		if err == nil {
			seq = ack.Sequence
		}
		return err == nil
	})
	return seq
}

func message(t *testing.T, a *cluster.Admin, seq uint64) (*jetstream.RawStreamMsg, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), natstest.Patience)
	defer cancel()
	s, err := a.JetStream().Stream(ctx, "S")
	if err != nil {
		t.Fatalf("Stream = %v, want no error", err)
	}
	return s.GetMsg(ctx, seq)
}

// The tool does what its methods say: a clock differs, a server stands still, is killed,
// loses its disk, is cut off, all are set back.
func TestFaults(t *testing.T) {
	t.Parallel()
	c := cluster.New(t, 3)
	a := c.Admin(t)
	newStream(t, a)
	appendOne(t, a, "before")

	leader := a.Leader("S")
	c.Servers[leader].Clock(t, time.Hour)
	msg, err := message(t, a, appendOne(t, a, "in an hour"))
	if err != nil || time.Until(msg.Time) < 50*time.Minute {
		t.Errorf("with a clock that is ahead by an hour: %v at %v, want in an hour", err, msg.Time)
	}
	c.Servers[leader].Clock(t, 0)

	c.Servers[leader].Pause()
	appendOne(t, a, "while it stands still")
	natstest.Eventually(t, "another leads", func() bool { return a.Leader("S") != leader })
	c.Servers[leader].Resume()
	a.Settled("S")

	leader = a.Leader("S")
	c.Servers[leader].Kill()
	appendOne(t, a, "while it is dead")
	c.Servers[leader].LoseDisk(t)
	c.Start(t)
	a.Settled("S")

	leader = a.Leader("S")
	for _, p := range c.Around(leader) {
		p.Refuse(true)
	}
	natstest.Eventually(t, "another leads", func() bool { return a.Leader("S") != leader })
	appendOne(t, a, "while it is cut off")
	for _, p := range c.Around(leader) {
		p.Refuse(false)
	}
	a.Settled("S")

	for _, s := range c.Servers {
		s.Kill()
	}
	setBack := c.Save(t)
	c.Start(t)
	lost := appendOne(t, a, "to be lost")
	for _, s := range c.Servers {
		s.Kill()
	}
	setBack(t)
	c.Start(t)
	a.Leader("S")
	if _, err := message(t, a, lost); !errors.Is(err, jetstream.ErrMsgNotFound) {
		t.Errorf("GetMsg of what was lost = %v, want %v", err, jetstream.ErrMsgNotFound)
	}
	if again := appendOne(t, a, "instead"); again != lost {
		t.Errorf("the number after it was set back = %d, want %d again", again, lost)
	}
}

// A client can be cut off from one server, and goes to another.
func TestClientWays(t *testing.T) {
	t.Parallel()
	c := cluster.New(t, 3)
	ways := c.Client(t)
	nc := natstest.Connect(t, ways.URL(), nats.DontRandomize())
	if got := nc.ConnectedServerName(); got != "n0" {
		t.Fatalf("connected to %s, want n0", got)
	}
	ways[0].Refuse(true)
	natstest.Eventually(t, "it is at another server", func() bool {
		return nc.IsConnected() && nc.ConnectedServerName() != "n0"
	})
}

// The servers end with the test's process, also if they stand still.
func TestKilled(t *testing.T) {
	t.Parallel()
	if os.Getenv("CLUSTER_OF_A_TEST") != "" {
		c := cluster.New(t, 3)
		c.Servers[0].Pause()
		fmt.Println("pids", c.Servers[0].PID(), c.Servers[1].PID(), c.Servers[2].PID())
		select {}
	}
	self := exec.Command(os.Args[0], "-test.run", "^TestKilled$")
	self.Env = append(os.Environ(), "CLUSTER_OF_A_TEST=1")
	output, err := self.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Start(); err != nil {
		t.Fatal(err)
	}
	var pids [3]int
	for lines := bufio.NewScanner(output); lines.Scan(); {
		n, _ := fmt.Sscanf(lines.Text(), "pids %d %d %d", &pids[0], &pids[1], &pids[2])
		if n == len(pids) {
			break
		}
	}
	self.Process.Kill()
	self.Wait()
	for _, pid := range pids {
		natstest.Eventually(t, "the server has ended", func() bool {
			stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
			return err != nil || strings.Contains(string(stat), ") Z ") ||
				errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
		})
	}
	if pids[0] == 0 {
		t.Error("there were no servers, want three")
	}
}
