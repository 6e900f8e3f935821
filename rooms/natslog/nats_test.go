package natslog_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms/natslog"
)

// patience is never waited for in a test that passes.
const patience = 40 * time.Second

// natsServer is an embedded server that can be killed, and started again on the port and
// with the files that it had.
type natsServer struct {
	options server.Options
	running *server.Server
}

func startNATS(t testing.TB) *natsServer {
	s := &natsServer{options: server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true,
		JetStream: true, StoreDir: t.TempDir(),
	}}
	s.start(t)
	t.Cleanup(s.stop)
	return s
}

func (s *natsServer) start(t testing.TB) {
	t.Helper()
	options := s.options
	running, err := server.NewServer(&options)
	if err != nil {
		t.Fatalf("server.NewServer = %v, want no error", err)
	}
	running.Start()
	if !running.ReadyForConnections(patience) {
		t.Fatalf("the NATS server is not ready after %v", patience)
	}
	s.running = running
	s.options.Port = options.Port // what it got, if it had been random
}

func (s *natsServer) stop() {
	s.running.Shutdown()
	s.running.WaitForShutdown()
}

// lose loses all files while the server is away.
func (s *natsServer) lose(t testing.TB) {
	s.stop()
	if err := os.RemoveAll(s.options.StoreDir); err != nil {
		t.Errorf("RemoveAll = %v, want no error", err)
	}
	s.start(t)
}

// connect makes a connection as a program should, but impatient and silent, and closes it
// after the test.
func (s *natsServer) connect(t testing.TB, options ...nats.Option) *nats.Conn {
	t.Helper()
	return s.connectTo(t, s.running.ClientURL(), options...)
}

func (s *natsServer) connectTo(t testing.TB, url string, options ...nats.Option) *nats.Conn {
	t.Helper()
	all := append([]nats.Option{
		nats.MaxReconnects(-1),
		nats.ReconnectBufSize(-1),
		nats.NoEcho(),
		nats.ReconnectWait(20 * time.Millisecond),
		nats.ReconnectJitter(0, 0),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}),
	}, options...)
	nc, err := nats.Connect(url, all...)
	if err != nil {
		t.Fatalf("nats.Connect = %v, want no error", err)
	}
	t.Cleanup(nc.Close)
	return nc
}

func (s *natsServer) log(t testing.TB, o natslog.Options, options ...nats.Option) *natslog.Log {
	t.Helper()
	o.Wait = cmp.Or(o.Wait, patience/2) // the machine may be busy
	l := natslog.New(s.connect(t, options...), &o)
	t.Cleanup(l.Close)
	ready(t, l)
	return l
}

func ready(t testing.TB, l *natslog.Log) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := l.Ready(ctx); err != nil {
		t.Fatalf("Ready = %v, want no error", err)
	}
}

// address is the same whether it runs or not.
func (s *natsServer) address() string { return fmt.Sprint("127.0.0.1:", s.options.Port) }

// messages counts those that are in the stream.
func (s *natsServer) messages(t testing.TB) uint64 {
	info, err := s.stream(t)
	if err != nil {
		t.Fatalf("the stream = %v, want no error", err)
	}
	return info.State.Msgs
}

// stream asks for the stream of the default name.
func (s *natsServer) stream(t testing.TB) (*jetstream.StreamInfo, error) {
	js, err := jetstream.New(s.connect(t))
	if err != nil {
		return nil, err
	}
	stream, err := js.Stream(t.Context(), "ROOMS")
	if err != nil {
		return nil, err
	}
	return stream.Info(t.Context())
}

// subscriptions counts those of the embedded server that are not its own.
func (s *natsServer) subscriptions() (n int) {
	subs, err := s.running.Subsz(nil)
	if err != nil {
		return -1
	}
	return int(subs.NumSubs)
}

// goroutines counts those that package natslog has started.
func goroutines() int {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	const ours = "\ncreated by github.com/beatrichartz/martini-sockets/rooms/natslog."
	return bytes.Count(stacks, []byte(ours))
}

// eventually waits for what NATS does in its own time.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !done(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v in vain: %s", patience, what)
		}
	}
}
