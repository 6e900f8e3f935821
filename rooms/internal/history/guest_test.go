package history

import "testing"

// What a slow reader had not read of a guest who was removed did not come after Leave.
func TestWalkAway(t *testing.T) {
	g := newScene(true).guest
	g.in = make(chan string, 1)
	g.reader = &reader{quit: make(chan struct{}), done: make(chan struct{})}
	close(g.reader.done)
	g.in <- "0 0 0 room"
	g.walkAway()
	if n := g.late(); n != 0 {
		t.Errorf("late = %d, want 0", n)
	}
	g.in <- "0 0 1 room"
	if n := g.late(); n != 1 {
		t.Errorf("late after one more = %d, want 1", n)
	}
}
