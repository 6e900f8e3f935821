package natsbroker_test

import (
	"bytes"
	"net"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms/natsbroker"
)

// natsServer is an embedded server that can be killed, and started again on the port that
// it had.
type natsServer struct {
	options server.Options
	running *server.Server
}

func startNATS(t *testing.T) *natsServer {
	s := &natsServer{options: server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true,
	}}
	s.Start(t)
	t.Cleanup(func() { s.Stop(t) })
	return s
}

func (s *natsServer) Start(t *testing.T) {
	t.Helper()
	options := s.options
	running, err := server.NewServer(&options)
	if err != nil {
		t.Fatalf("server.NewServer = %v, want no error", err)
	}
	running.Start()
	if !running.ReadyForConnections(10 * time.Second) {
		t.Fatal("the NATS server is not ready after 10 s")
	}
	s.running = running
	s.options.Port = options.Port // what it got, if it had been random
}

func (s *natsServer) Stop(*testing.T) {
	s.running.Shutdown()
	s.running.WaitForShutdown()
}

// address is where the server listens, when it is not stopped.
func (s *natsServer) address() string {
	return net.JoinHostPort(s.options.Host, strconv.Itoa(s.options.Port))
}

// connect makes a connection to the server, and closes it after the test.
func (s *natsServer) connect(t *testing.T, options ...nats.Option) *nats.Conn {
	t.Helper()
	return connectTo(t, s.running.ClientURL(), options...)
}

// connectTo makes a connection with the options that the package recommends, but
// impatient and silent.
func connectTo(t *testing.T, url string, options ...nats.Option) *nats.Conn {
	t.Helper()
	quick := []nats.Option{
		natsbroker.Recommended,
		nats.ReconnectWait(20 * time.Millisecond),
		nats.ReconnectJitter(0, 0),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}),
	}
	nc, err := nats.Connect(url, append(quick, options...)...)
	if err != nil {
		t.Fatalf("nats.Connect = %v, want no error", err)
	}
	t.Cleanup(nc.Close)
	return nc
}

func (s *natsServer) broker(t *testing.T, options ...nats.Option) *natsbroker.Broker {
	b := natsbroker.New(s.connect(t, options...), nil)
	t.Cleanup(b.Close)
	return b
}

func ignore([]byte, error) {}

// subscriptions counts those of the embedded server that are not its own.
func (s *natsServer) subscriptions() (n int) {
	subs, err := s.running.Subsz(nil)
	if err != nil {
		return -1
	}
	return int(subs.NumSubs)
}

// goroutines counts those that package natsbroker has started.
func goroutines() int {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return bytes.Count(stacks, []byte("rooms/natsbroker.(*worker).run("))
}

// eventually waits for what NATS does in its own time.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(15 * time.Second); !done(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited 15s in vain: %s", what)
		}
	}
}
