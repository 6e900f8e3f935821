package brokertest

import (
	"strings"
	"sync"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// listener is an inbox for the tests of outages, which keeps apart what arrives and what
// is told.
type listener struct {
	mu   sync.Mutex // protects the fields below
	got  []string
	lost int
}

// listen returns the listener of a new subscription.
func listen(t *testing.T, b rooms.Broker, room string) *listener {
	t.Helper()
	l := &listener{}
	if err := b.Subscribe(room, l.receive); err != nil {
		t.Errorf("Subscribe(%.20q) = %v, want no error", room, err)
	}
	return l
}

func (l *listener) receive(data []byte, lost error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if lost != nil {
		l.lost++
		return
	}
	l.got = append(l.got, string(data))
}

// heard reports whether a message with this beginning has arrived since the last take.
func (l *listener) heard(prefix string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, msg := range l.got {
		if strings.HasPrefix(msg, prefix) {
			return true
		}
	}
	return false
}

// told returns how often a loss was told since the last take.
func (l *listener) told() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}

// take returns what has arrived, and forgets it.
func (l *listener) take() (all []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	all, l.got, l.lost = l.got, nil, 0
	return all
}
