package apptest

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/beatrichartz/martini-sockets/socketstest"
)

// Program is a program whose users must not hurt each other.
type Program struct {
	// Serve makes it. It is called in a bubble.
	Serve func(t *testing.T) http.Handler
	// Path is the address at which somebody of that name enters a room.
	Path func(room, name string) string
	// Say returns what a page sends as JSON to say a text: all its fields are filled, and
	// no two texts have the same id. Nil is for a page that only listens, and sees
	// something new by itself.
	Say func(text string) any
	// Limit is the MaxMessageSize of its sockets.
	Limit int
}

// Unhurt drives a program: one user does what is large and odd, and what it should not do
// at all, while a neighbour is there. Each time, the neighbour and a newcomer must still
// talk to each other, the user must be told, and nothing long or forged may be in the
// standard log.
func Unhurt(t *testing.T, p Program) {
	t.Helper()
	for _, what := range p.hurts(t) {
		t.Error(what)
	}
}

// hurts returns what goes wrong.
func (p Program) hurts(t *testing.T) (all []string) {
	var logged strings.Builder
	defer log.SetOutput(log.Writer())
	log.SetOutput(&logged)
	synctest.Test(t, func(t *testing.T) {
		server := socketstest.NewServer(t, p.Serve(t))
		for i, o := range p.odds() {
			logged.Reset()
			v := visit{Program: p, server: server, room: fmt.Sprint("room ", i)}
			wrong := v.hurt(o)
			v.end()
			if wrong == "" && (logged.Len() > 1000 || strings.Contains(logged.String(), "\nforged")) {
				wrong = fmt.Sprintf("it logs %d bytes, %.100q", logged.Len(), logged.String())
			}
			if wrong != "" {
				all = append(all, fmt.Sprintf("%.40q, %.80q in %d bytes: %s", o.name, o.data,
					len(o.data), wrong))
			}
		}
	})
	return all
}

// message returns the data of the frame that says a text.
func (p Program) message(text string) []byte {
	if p.Say == nil {
		return []byte(text)
	}
	data, err := json.Marshal(p.Say(text))
	if err != nil {
		panic(err)
	}
	return data
}
