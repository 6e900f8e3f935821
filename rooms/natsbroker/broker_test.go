package natsbroker_test

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/natsbroker"
)

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

// Contract 10.3: one NATS subscription a room and process, however many members; none without. Contract 9.6: nor does a
// room cost a goroutine.
func TestSubscriptions(t *testing.T) {
	s := startNATS(t)
	base, before := s.subscriptions(), goroutines()
	r := rooms.New(&rooms.Options[string]{Broker: s.broker(t)})
	workers := func() bool { return goroutines()-before == runtime.GOMAXPROCS(0) }
	eventually(t, "the workers have started", workers)
	var members []*rooms.Member[string]
	for i := range 300 {
		m, err := r.Join(fmt.Sprint("room ", i%100), make(chan string, 1), nil, nil)
		if err != nil {
			t.Fatalf("Join = %v, want no error", err)
		}
		members = append(members, m)
	}
	if got := s.subscriptions() - base; got != 100 {
		t.Errorf("%d subscriptions for 300 members in 100 rooms, want 100", got)
	}
	if !workers() {
		t.Errorf("%d goroutines for 100 rooms, want %d as before", goroutines()-before, runtime.GOMAXPROCS(0))
	}
	for _, m := range members {
		m.Leave()
	}
	eventually(t, "no subscription is left", func() bool { return s.subscriptions() == base })
}

func TestClose(t *testing.T) {
	s := startNATS(t)
	base, before := s.subscriptions(), goroutines()
	nc := s.connect(t)
	b := natsbroker.New(nc, nil)
	for i := range 10 {
		if err := b.Subscribe(fmt.Sprint(i), ignore); err != nil {
			t.Errorf("Subscribe = %v, want no error", err)
		}
	}
	b.Close()
	b.Close()
	if got := goroutines() - before; got != 0 {
		t.Errorf("%d goroutines after Close, want none", got)
	}
	eventually(t, "no subscription is left", func() bool { return s.subscriptions() == base })
	if err := b.Publish("room", nil); !errors.Is(err, natsbroker.ErrClosed) {
		t.Errorf("Publish after Close = %v, want %v", err, natsbroker.ErrClosed)
	}
	if err := b.Subscribe("room", ignore); !errors.Is(err, natsbroker.ErrClosed) {
		t.Errorf("Subscribe after Close = %v, want %v", err, natsbroker.ErrClosed)
	}
	if err := b.Unsubscribe("1"); err != nil {
		t.Errorf("Unsubscribe after Close = %v, want no error", err)
	}
	if !nc.IsConnected() {
		t.Error("Close closed the connection, which is the program's")
	}
}

// The errors that a program can tell apart.
func TestErrors(t *testing.T) {
	s := startNATS(t)
	nc := s.connect(t)
	b := natsbroker.New(nc, nil)
	t.Cleanup(b.Close)
	if err := b.Publish("room", make([]byte, 2<<20)); !errors.Is(err, nats.ErrMaxPayload) {
		t.Errorf("Publish(2 MiB) = %v, want %v", err, nats.ErrMaxPayload)
	}
	if err := b.Subscribe("room", ignore); err != nil {
		t.Errorf("Subscribe = %v, want no error", err)
	}
	if err := b.Subscribe("room", ignore); !errors.Is(err, natsbroker.ErrSubscribed) {
		t.Errorf("second Subscribe = %v, want %v", err, natsbroker.ErrSubscribed)
	}
	nc.Close()
	if err := b.Publish("room", nil); !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("Publish on a closed connection = %v, want %v", err, nats.ErrConnectionClosed)
	}
	if err := b.Subscribe("other", ignore); !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("Subscribe on a closed connection = %v, want %v", err, nats.ErrConnectionClosed)
	}
	if err := b.Unsubscribe("room"); err != nil {
		t.Errorf("Unsubscribe on a closed connection = %v, want no error", err)
	}
	gone := s.connect(t)
	away := natsbroker.New(gone, nil)
	t.Cleanup(away.Close)
	s.Stop(t)
	eventually(t, "the connection notices", func() bool { return !gone.IsConnected() })
	if err := away.Publish("room", nil); !errors.Is(err, nats.ErrDisconnected) {
		t.Errorf("Publish while NATS is away = %v, want %v", err, nats.ErrDisconnected)
	}
}

// What nats.go drops is told, completely: what arrived and what was told make up what was sent. Never silent.
func TestSlowConsumer(t *testing.T) {
	const sent = 5000
	s := startNATS(t)
	slow := s.connect(t)
	b := natsbroker.New(slow, &natsbroker.Options{Pending: 10})
	t.Cleanup(b.Close)
	var arrived, dropped atomic.Int64
	stuck := make(chan struct{})
	receive := func(_ []byte, lost error) {
		<-stuck
		n := 0
		if lost == nil {
			arrived.Add(1)
		} else if fmt.Sscanf(lost.Error(), "%d messages dropped", &n); errors.Is(lost, nats.ErrSlowConsumer) {
			dropped.Add(int64(n))
		}
	}
	for _, room := range []string{"a", "b"} {
		if err := b.Subscribe(room, receive); err != nil {
			t.Fatalf("Subscribe = %v, want no error", err)
		}
	}
	nc := s.connect(t)
	publisher := natsbroker.New(nc, nil)
	t.Cleanup(publisher.Close)
	for i := range sent {
		if err := publisher.Publish(string("ab"[i%2]), []byte("x")); err != nil {
			t.Fatalf("Publish = %v, want no error", err)
		}
	}
	if err := nc.Flush(); err != nil {
		t.Fatalf("Flush = %v, want no error", err)
	}
	// Only when nats.go has all of them are they taken: what it has not read yet would not be dropped.
	eventually(t, "nats.go has read all", func() bool { return slow.Stats().InMsgs == sent })
	close(stuck)
	eventually(t, "all that was sent has arrived or is told", func() bool { return arrived.Load()+dropped.Load() == sent })
	if dropped.Load() == 0 {
		t.Error("nothing was dropped, want the test to drop")
	}
}

func TestNewPanics(t *testing.T) {
	s := startNATS(t)
	nc := s.connect(t)
	tests := []struct {
		name    string
		nc      *nats.Conn
		options natsbroker.Options
		want    string
	}{
		{name: "no connection", want: "natsbroker: New: the connection is nil"},
		{name: "wildcard", nc: nc, options: natsbroker.Options{Prefix: "a.*"}, want: `natsbroker: Options.Prefix "a.*": a wildcard`},
		{name: "all", nc: nc, options: natsbroker.Options{Prefix: "a.>"}, want: `natsbroker: Options.Prefix "a.>": a wildcard`},
		{name: "empty token", nc: nc, options: natsbroker.Options{Prefix: "a."}, want: `natsbroker: Options.Prefix "a.": an empty token`},
		{name: "blank", nc: nc, options: natsbroker.Options{Prefix: "a b"}, want: `natsbroker: Options.Prefix "a b": a blank`},
		{name: "line break", nc: nc, options: natsbroker.Options{Prefix: "a\r\nb"}, want: `natsbroker: Options.Prefix "a\r\nb": a blank`},
		{name: "the server's", nc: nc, options: natsbroker.Options{Prefix: "$SYS"}, want: `natsbroker: Options.Prefix "$SYS": subjects with $ are the server's own`},
		{name: "too long", nc: nc, options: natsbroker.Options{Prefix: strings.Repeat("x", 1025)}, want: "longer than 1024 bytes"},
		{name: "pending", nc: nc, options: natsbroker.Options{Pending: -1}, want: "natsbroker: Options.Pending -1: a negative number of messages"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasSuffix(got, test.want) {
					t.Errorf("New panics with %q, want %q", got, test.want)
				}
			}()
			natsbroker.New(test.nc, &test.options).Close()
		})
	}
}

// Prefixes keep kinds of messages apart on one connection.
func TestPrefix(t *testing.T) {
	s := startNATS(t)
	nc := s.connect(t, func(o *nats.Options) error { o.NoEcho = false; return nil })
	news, chat := natsbroker.New(nc, &natsbroker.Options{Prefix: "app.news"}), natsbroker.New(nc, &natsbroker.Options{Prefix: "app.chat"})
	t.Cleanup(news.Close)
	t.Cleanup(chat.Close)
	got := make(chan string, 10)
	if err := chat.Subscribe("room", func(data []byte, _ error) { got <- string(data) }); err != nil {
		t.Fatalf("Subscribe = %v, want no error", err)
	}
	for _, publish := range []func() error{
		func() error { return news.Publish("room", []byte("news")) },
		func() error { return chat.Publish("room", []byte("chat")) },
	} {
		if err := publish(); err != nil {
			t.Errorf("Publish = %v, want no error", err)
		}
	}
	if msg := <-got; msg != "chat" {
		t.Errorf("the room with prefix app.chat got %q, want chat", msg)
	}
}
