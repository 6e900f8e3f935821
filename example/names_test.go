package main

import (
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	const (
		empty  = "please type a name"
		long   = "that name is too long: 24 characters are the most"
		unseen = "that name has characters that cannot be seen"
	)
	for _, tt := range []struct{ name, want, err string }{
		{name: "Ann", want: "Ann"},
		{name: " \tAnn \n von  Au ", want: "Ann von Au"},
		{name: "<b>", want: "<b>"},
		{name: "👩\u200d🚀", want: "👩\u200d🚀"},
		{name: "A\xffnn", want: "A\uFFFDnn"},
		{name: strings.Repeat("é", 24), want: strings.Repeat("é", 24)},
		{name: strings.Repeat("é", 25), err: long},
		{name: "", err: empty},
		{name: " \u00a0\u2003", err: empty},
		{name: "\u200d\u200c\u00ad", err: empty},
		{name: "Ann\u202e", err: unseen},
		{name: "A\u00adnn", err: unseen},
		{name: "A\x00nn", err: unseen},
	} {
		got, err := checkName(tt.name, 24)
		said := ""
		if err != nil {
			said = err.Error()
		}
		if got != tt.want || said != tt.err {
			t.Errorf("checkName(%q) = %q, %q, want %q, %q", tt.name, got, said, tt.want, tt.err)
		}
	}
}
