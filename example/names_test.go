package main

import (
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	const (
		noName, noRoom = "close 4000: ", "close 4002: "
		empty          = "please type a name"
		long           = "that name is too long: 24 characters are the most"
		unseen         = "that name has characters that cannot be seen"
	)
	alone(t, func(t *testing.T, n *node) {
		for _, tt := range []struct{ name, shown string }{
			{"Ann", "Ann"},
			{"Anna", "Anna"},
			{"Größe", "Größe"},
			{"Σας", "Σας"},
			{" \tAnn \n von  Au ", "Ann von Au"},
			{"👩\u200d🚀", "👩\u200d🚀"},
			{"A\xffnn", "A\uFFFDnn"},
			{strings.Repeat("é", 24), strings.Repeat("é", 24)},
		} {
			if me := n.dial("room", tt.name, "").gets("welcome").From; me.Name != tt.shown {
				t.Errorf("%q is shown as %q, want %q", tt.name, me.Name, tt.shown)
			}
		}
		for _, tt := range []struct{ room, name, want string }{
			{"room", "Ann", noName + taken},
			{"room", " aNN ", noName + taken},
			{"room", "A nn", noName + taken},
			{"room", "A\u200dnn", noName + taken},
			{"room", "GRÖßE", noName + taken},
			{"room", "ΣΑΣ", noName + taken},
			{"room", " \u00a0\u2003", noName + empty},
			{"room", "\u200d\u200c\u00ad", noName + empty},
			{"room", "Ann\u202e", noName + unseen},
			{"room", strings.Repeat("é", 25), noName + long},
			{"", "Bo", noRoom + empty},
			{strings.Repeat("r", 41), "Bo", noRoom + strings.Replace(long, "24", "40", 1)},
			{"another room", "Ann", "welcome"},
		} {
			n.dial(tt.room, tt.name, "", "another key").gets(tt.want)
		}
		n.people.Close()
		n.dial("room", "Bo", "").gets("close 1013") // nobody can enter
	})
}
