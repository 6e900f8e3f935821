package redisrooms

import (
	"strings"
	"testing"
)

func TestCompileBroker(t *testing.T) {
	tests := []struct {
		name    string
		options *BrokerOptions
		want    string // in the panic; empty: none
	}{
		{name: "nil"},
		{name: "zero", options: &BrokerOptions{}},
		{name: "prefix", options: &BrokerOptions{Prefix: "app:chat.1/x"}},
		{name: "blank", options: &BrokerOptions{Prefix: "a b"}, want: `Prefix "a b": a blank`},
		{name: "wildcard", options: &BrokerOptions{Prefix: "a*"}, want: "a wildcard"},
		{name: "braces", options: &BrokerOptions{Prefix: "{a}"}, want: "braces"},
		{name: "long", options: &BrokerOptions{Prefix: strings.Repeat("x", 1025)},
			want: "longer than 1024 bytes"},
		{name: "pending", options: &BrokerOptions{Pending: -1}, want: "Pending -1: a negative"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			defer func() {
				got, _ := recover().(string)
				if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
					t.Errorf("compileBroker panics with %q, want %q", got, test.want)
				}
			}()
			c := compileBroker(test.options)
			if c.Prefix == "" || c.Pending != 8192 {
				t.Errorf("compileBroker = %+v, want the defaults", c)
			}
		})
	}
}
