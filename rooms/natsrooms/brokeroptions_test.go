package natsrooms_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

func TestNewPanics(t *testing.T) {
	nc := new(nats.Conn) // New panics before it asks it anything
	type options = natsrooms.BrokerOptions
	tests := []struct {
		name    string
		nc      *nats.Conn
		options options
		want    string
	}{
		{name: "no connection", want: "natsrooms: NewBroker: the connection is nil"},
		{name: "wildcard", nc: nc, options: options{Prefix: "a.*"},
			want: `natsrooms: BrokerOptions.Prefix "a.*": a wildcard`},
		{name: "all", nc: nc, options: options{Prefix: "a.>"},
			want: `natsrooms: BrokerOptions.Prefix "a.>": a wildcard`},
		{name: "empty token", nc: nc, options: options{Prefix: "a."},
			want: `natsrooms: BrokerOptions.Prefix "a.": an empty token`},
		{name: "blank", nc: nc, options: options{Prefix: "a b"},
			want: `natsrooms: BrokerOptions.Prefix "a b": a blank`},
		{name: "quote", nc: nc, options: options{Prefix: `a"b`},
			want: `natsrooms: BrokerOptions.Prefix "a\"b": a quote, in which the ` +
				`server's errors put a subject`},
		{name: "line break", nc: nc, options: options{Prefix: "a\r\nb"},
			want: `natsrooms: BrokerOptions.Prefix "a\r\nb": a blank`},
		{name: "the server's", nc: nc, options: options{Prefix: "$SYS"},
			want: `natsrooms: BrokerOptions.Prefix "$SYS": subjects with $ are the server's own`},
		{name: "too long", nc: nc, options: options{Prefix: strings.Repeat("x", 1025)},
			want: "longer than 1024 bytes"},
		{name: "pending", nc: nc, options: options{Pending: -1},
			want: "natsrooms: BrokerOptions.Pending -1: a negative number of messages"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasSuffix(got, test.want) {
					t.Errorf("New panics with %q, want %q", got, test.want)
				}
			}()
			natsrooms.NewBroker(test.nc, &test.options).Close()
		})
	}
}
