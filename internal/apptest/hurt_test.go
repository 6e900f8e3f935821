package apptest

import (
	"context"
	"log"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/memlog"
)

type note struct{ ID, Text, At string }

const limit = 2048

func small(o *sockets.Options) { o.MaxMessageSize = limit }

// A chat of notes whose users hurt each other, or not, for what it does with each.
func chat(o rooms.Options[*note], take func(*rooms.LogMember[*note], *note) error) Program {
	return Program{
		Serve: func(*testing.T) http.Handler {
			o.Stamp = func(n *note, at string) *note { n.At = at; return n }
			chat := rooms.NewOnLog(memlog.New(50, time.Hour), &o)
			return App(JSON(note{}, Silent(small)), func(r *http.Request,
				receiver <-chan *note, sender chan<- *note, done <-chan bool,
				disconnect chan<- int,
			) {
				me, missed, err := chat.JoinAfter(r.FormValue("room"), "", sender, disconnect, nil)
				if err != nil {
					return
				}
				defer me.Leave()
				for _, said := range missed.Messages {
					sender <- said.Value
				}
				me.Start()
				for {
					select {
					case n := <-receiver:
						if err := take(me, n); err != nil {
							sender <- &note{Text: "not said"}
						}
					case <-done:
						return
					}
				}
			})
		},
		Path:  func(room, _ string) string { return "/ws?room=" + strings.ReplaceAll(room, " ", "+") },
		Say:   func(text string) any { return note{text, text, "0"} },
		Limit: limit,
	}
}

// The driver finds each way to hurt others, and only those.
func TestUnhurt(t *testing.T) {
	say := func(me *rooms.LogMember[*note], n *note) error {
		_, err := me.Say(context.Background(), n.ID, n)
		return err
	}
	for _, tt := range []struct {
		name string
		Program
		want string
	}{
		{"good", chat(rooms.Options[*note]{MaxMessageSize: limit}, say), ""},
		{"a room without a limit", chat(rooms.Options[*note]{MaxMessageSize: -1}, say),
			"a newcomer is not heard"},
		{"an error that is dropped", chat(rooms.Options[*note]{MaxMessageSize: limit},
			func(me *rooms.LogMember[*note], n *note) error { say(me, n); return nil }),
			"the speaker is not told"},
		{"a line in the log for what was said", chat(rooms.Options[*note]{MaxMessageSize: limit},
			func(me *rooms.LogMember[*note], n *note) error { log.Print(n.Text); return say(me, n) }),
			"it logs"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.hurts(t)
			if tt.want == "" && len(got) > 0 || !strings.Contains(strings.Join(got, "\n"), tt.want) {
				t.Errorf("hurts() = %.1000q, want %q", got, tt.want)
			}
		})
	}
}
