package natsbroker_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms/natsbroker"
)

func TestNewPanics(t *testing.T) {
	s := startNATS(t)
	nc := s.connect(t)
	type options = natsbroker.Options
	tests := []struct {
		name    string
		nc      *nats.Conn
		options options
		want    string
	}{
		{name: "no connection", want: "natsbroker: New: the connection is nil"},
		{name: "wildcard", nc: nc, options: options{Prefix: "a.*"},
			want: `natsbroker: Options.Prefix "a.*": a wildcard`},
		{name: "all", nc: nc, options: options{Prefix: "a.>"},
			want: `natsbroker: Options.Prefix "a.>": a wildcard`},
		{name: "empty token", nc: nc, options: options{Prefix: "a."},
			want: `natsbroker: Options.Prefix "a.": an empty token`},
		{name: "blank", nc: nc, options: options{Prefix: "a b"},
			want: `natsbroker: Options.Prefix "a b": a blank`},
		{name: "line break", nc: nc, options: options{Prefix: "a\r\nb"},
			want: `natsbroker: Options.Prefix "a\r\nb": a blank`},
		{name: "the server's", nc: nc, options: options{Prefix: "$SYS"},
			want: `natsbroker: Options.Prefix "$SYS": subjects with $ are the server's own`},
		{name: "too long", nc: nc, options: options{Prefix: strings.Repeat("x", 1025)},
			want: "longer than 1024 bytes"},
		{name: "pending", nc: nc, options: options{Pending: -1},
			want: "natsbroker: Options.Pending -1: a negative number of messages"},
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
	news := natsbroker.New(nc, &natsbroker.Options{Prefix: "app.news"})
	chat := natsbroker.New(nc, &natsbroker.Options{Prefix: "app.chat"})
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

// Recommended also starts while NATS is away, and finds it when it comes.
func TestRecommendedStartsAway(t *testing.T) {
	s := startNATS(t)
	publisher := s.broker(t)
	s.Stop(t)
	b := s.broker(t)
	got := make(chan string, 1000)
	if err := b.Subscribe("room", func(data []byte, _ error) { got <- string(data) }); err != nil {
		t.Fatalf("Subscribe before NATS is there = %v, want no error", err)
	}
	if err := b.Publish("room", nil); !errors.Is(err, nats.ErrDisconnected) {
		t.Errorf("Publish before NATS is there = %v, want %v", err, nats.ErrDisconnected)
	}
	s.Start(t)
	eventually(t, "the first message", func() bool {
		publisher.Publish("room", []byte("x"))
		return len(got) > 0
	})
}
