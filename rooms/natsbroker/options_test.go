package natsbroker_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms/natsbroker"
)

func TestNewPanics(t *testing.T) {
	nc := new(nats.Conn) // New panics before it asks it anything
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
