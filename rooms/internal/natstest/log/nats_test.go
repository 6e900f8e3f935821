package log_test

import (
	"cmp"
	"context"
	"encoding/base64"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms/internal/goroutines"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

func TestMain(m *testing.M) { goroutines.Main(m) }

// startNATS starts a server with JetStream.
func startNATS(t testing.TB) *natstest.Server {
	t.Helper()
	dir := t.TempDir()
	return natstest.NewServer(t, func(o *server.Options) {
		o.JetStream, o.StoreDir = true, dir
	})
}

// newLog makes a log with a connection of its own, and waits until it is ready.
func newLog(
	t testing.TB, s *natstest.Server, o natsrooms.LogOptions, options ...nats.Option,
) *natsrooms.Log {
	t.Helper()
	o.Wait = cmp.Or(o.Wait, natstest.Patience/2) // the machine may be busy
	return readyLog(t, s.Connect(t, options...), &o)
}

// readyLog makes a log on a connection, closes it after the test, and waits until it is
// ready.
func readyLog(t testing.TB, nc *nats.Conn, o *natsrooms.LogOptions) *natsrooms.Log {
	t.Helper()
	l := natsrooms.NewLog(nc, o)
	t.Cleanup(l.Close)
	ready(t, l)
	return l
}

func ready(t testing.TB, l *natsrooms.Log) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), natstest.Patience)
	defer cancel()
	if err := l.Ready(ctx); err != nil {
		t.Fatalf("Ready = %v, want no error", err)
	}
}

// kept counts the messages in the stream of the default name.
func kept(t testing.TB, s *natstest.Server) uint64 {
	t.Helper()
	js, err := jetstream.New(s.Connect(t))
	if err != nil {
		t.Fatalf("jetstream.New = %v, want no error", err)
	}
	stream, err := js.Stream(t.Context(), "ROOMS")
	if err != nil {
		t.Fatalf("the stream = %v, want no error", err)
	}
	return stream.CachedInfo().State.Msgs
}

// subjectOf returns where the entries of a room are.
func subjectOf(room string) string {
	return "rooms.log.n" + base64.RawURLEncoding.EncodeToString([]byte(room))
}
