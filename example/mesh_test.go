package main

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// mesh is a network of nodes in memory, of which any can be cut off.
type mesh struct {
	mu    sync.Mutex // protects what follows, and what its ends have
	ends  []*end
	notes int // that were carried
}

// end is one node's broker.
type end struct {
	mesh    *mesh
	cut     bool
	receive map[string]func([]byte, error)
}

var errCut = errors.New("the node is cut off")

func (m *mesh) end() *end {
	e := &end{mesh: m, receive: make(map[string]func([]byte, error))}
	m.ends = append(m.ends, e)
	return e
}

func (e *end) Publish(room string, data []byte) error {
	e.mesh.mu.Lock()
	defer e.mesh.mu.Unlock()
	if e.cut {
		return errCut
	}
	for _, other := range e.mesh.ends {
		if receive := other.receive[room]; receive != nil && other != e && !other.cut {
			e.mesh.notes++
			receive(slices.Clone(data), nil)
		}
	}
	return nil
}

func (e *end) Subscribe(room string, receive func([]byte, error)) error {
	e.mesh.mu.Lock()
	defer e.mesh.mu.Unlock()
	e.receive[room] = receive
	return nil
}

func (e *end) Unsubscribe(room string) error {
	e.mesh.mu.Lock()
	defer e.mesh.mu.Unlock()
	delete(e.receive, room)
	return nil
}

func (m *mesh) carried() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.notes
}

func (e *end) setCut(cut bool) {
	e.mesh.mu.Lock()
	defer e.mesh.mu.Unlock()
	e.cut = cut
}

var testTimes = Times{Settle: 250 * time.Millisecond, Beat: 5 * time.Second, Keep: time.Minute}

// twoNodes runs a test with two nodes, in fake time. Everybody has to have left at its end.
func twoNodes(t *testing.T, test func(t *testing.T, m *mesh, a, b *Chat)) {
	synctest.Test(t, func(t *testing.T) {
		m := new(mesh)
		a, b := newChat(m.end(), nil, testTimes), newChat(m.end(), nil, testTimes)
		test(t, m, a, b)
		a.Close()
		b.Close()
		for _, e := range m.ends {
			if len(e.receive) > 0 {
				t.Errorf("subscribed still: %d", len(e.receive))
			}
		}
	})
}

// seat is a person in a room, without a connection.
type seat struct {
	*guest
	tb       testing.TB
	room     *room
	messages chan *Message
	away     string // why the person was sent away
}

// sit enters the room of the tests, and takes the welcome if there is one.
func sit(tb testing.TB, c *Chat, name, key string) (*seat, error) {
	tb.Helper()
	r, err := c.open("room")
	if err != nil {
		return nil, err
	}
	s := &seat{tb: tb, room: r, messages: make(chan *Message, 300)}
	s.guest = newGuest(name, key, func(_ int, reason string) error { s.away = reason; return nil })
	if err := r.enter(s.guest, s.messages, nil); err != nil {
		c.release(r)
		return nil, err
	}
	return s, nil
}

func mustSit(tb testing.TB, c *Chat, name, key string) *seat {
	tb.Helper()
	s, err := sit(tb, c, name, key)
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	return s
}

func (s *seat) stand() { s.room.chat.leave(s.room, s.guest) }

func (s *seat) says(id, text string) {
	s.tb.Helper()
	if answer := s.room.take(s.guest, &Message{Kind: kindSay, ID: id, Text: text}); answer != nil {
		s.tb.Fatalf("%s: %+v", s.Name, answer)
	}
}

// saw returns everything that was sent to the person since the last call: who is here, what was said, who came and left.
func (s *seat) saw() (saw []string) {
	synctest.Wait()
	for {
		select {
		case m := <-s.messages:
			switch m.Kind {
			case kindWelcome:
				saw = append(saw, m.People...)
				for _, old := range m.History {
					saw = append(saw, "old: "+old.Text)
				}
			case kindSaid:
				saw = append(saw, m.Name+": "+m.Text)
			default:
				saw = append(saw, m.Name+" "+m.Kind)
			}
		default:
			return saw
		}
	}
}

func (s *seat) wants(want ...string) {
	s.tb.Helper()
	if got := s.saw(); !slices.Equal(got, want) {
		s.tb.Errorf("%s saw %q, want %q", s.Name, got, want)
	}
}
