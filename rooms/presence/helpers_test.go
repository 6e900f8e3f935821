package presence_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/sim"
	"github.com/beatrichartz/martini-sockets/rooms/presence"
)

// house is one process with a presence.
type house struct {
	*presence.Presence[string]
	t       *testing.T
	process *sim.Process

	mu     sync.Mutex
	errors []error
}

// newHouse starts a process on the simulated network. The options may be nil.
func newHouse(t *testing.T, net *sim.Network, o *presence.Options[string]) *house {
	h := &house{t: t, process: net.Start()}
	if o == nil {
		o = &presence.Options[string]{}
	}
	given := *o
	given.OnError = h.fail
	if given.Broker == nil {
		given.Broker = h.process.Broker()
	}
	h.Presence = presence.New(&given)
	t.Cleanup(h.Close)
	return h
}

func (h *house) fail(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.errors = append(h.errors, err)
}

func (h *house) told() []error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.errors
}

func (h *house) enter(room, key, value string) *presence.Visitor[string] {
	h.t.Helper()
	return enter(h.t, h.Presence, room, key, value)
}

// kill ends the process as kill -9 does.
func (h *house) kill() {
	h.process.Kill()
	h.Close()
}

func enter[P any](t testing.TB, p *presence.Presence[P], room, key string, value P) *presence.Visitor[P] {
	t.Helper()
	v, err := p.Enter(room, key, value)
	if err != nil {
		t.Fatalf("Enter(%q, %q) = %v, want no error", room, key, err)
	}
	return v
}

// listed is a list as text: "ann=1 bob=2,3".
func listed(list []presence.Person[string]) string {
	var text []string
	for _, person := range list {
		text = append(text, person.Key+"="+values(person.Visits))
	}
	return strings.Join(text, " ")
}

func values(visits []presence.Visit[string]) string {
	var all []string
	for _, visit := range visits {
		all = append(all, visit.Value)
	}
	return strings.Join(all, ",")
}

func wantList(t *testing.T, who string, p *presence.Presence[string], room, want string) {
	t.Helper()
	if got := listed(p.List(room)); got != want {
		t.Errorf("%s lists %q in %q, want %q", who, got, room, want)
	}
}

// wantAll checks that all houses list the same.
func wantAll(t *testing.T, room, want string, houses ...*house) {
	t.Helper()
	for i, h := range houses {
		wantList(t, "process "+string(rune('a'+i)), h.Presence, room, want)
	}
}

// moment is enough for a message and its answer, and little beside a beat.
const moment = 20 * time.Millisecond

var errBroken = errors.New("broken")

type message struct{ Text string }

// beat is the default.
const beat = 5 * time.Second
