package crowd

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
)

// errEvicted ends a life early, and is no fault.
var errEvicted = errors.New("evicted with 1013")

// noise begins what bad clients say in rooms: good ones do not look at it.
const noise = "noise "

// visitor is a good client in a room. One goroutine reads what the server sends, another
// one says something and leaves. What one speaker says must come once and in order, and
// all that the visitor says itself. Who else must get what is for the histories of
// rooms/internal/history to check.
type visitor struct {
	*life
	id    string
	heard chan string // what the server says to the visitor, and its own messages
	err   error       // why nothing can be read any more; heard is closed after it is set
}

// visit joins a room, talks there, leaves, and then ends the connection.
func visit(l *life) error {
	v := &visitor{life: l, id: fmt.Sprint("m", l.rand.Uint64()),
		heard: make(chan string, 50)} // more than there can be
	go v.readAll() // ends with the connection
	err := v.hear(target.Joined)
	said := v.rand.IntN(12)
	for n := 0; err == nil && n < said; n++ {
		v.pause(v.Pause)
		err = v.send(fmt.Sprintf("%s%s %d %s", target.Say, v.id, n, v.text(0)))
	}
	for n := 0; err == nil && n < said; n++ {
		err = v.hear(strconv.Itoa(n))
	}
	if err == nil {
		err = errors.Join(v.send(target.Leave), v.hear(target.Left))
	}
	if err != nil {
		return err
	}
	err = errors.Join(v.send(target.EndReturn), v.hear(""))
	if !isClose(err, websocket.CloseNormalClosure) {
		return fmt.Errorf("at the end: %w, want 1000", err)
	}
	return nil
}

// hear waits for what must come next.
func (v *visitor) hear(want string) error {
	select {
	case got, open := <-v.heard:
		switch {
		case open && got == want:
			return nil
		case open:
			return fmt.Errorf("got %.40q, want %q", got, want)
		case isClose(v.err, websocket.CloseTryAgainLater):
			return errEvicted
		}
		return fmt.Errorf("want %q, but the connection has ended: %w", want, v.err)
	case <-time.After(v.Patience):
		return fmt.Errorf("nothing came in %v, want %q", v.Patience, want)
	}
}

// send sends a message. If that fails, what can still be read says why.
func (v *visitor) send(s string) error {
	err := v.say(s)
	if err == nil {
		return nil
	}
	for range v.heard {
	}
	return fmt.Errorf("%w, and: %w", err, v.hear(""))
}

// readAll checks what the server sends, and passes on what the visitor waits for.
func (v *visitor) readAll() {
	defer close(v.heard)
	last := make(map[string]int) // the number of each speaker's last message
	left := false
	for {
		_, p, err := v.ReadMessage()
		if err != nil {
			v.err = err
			return
		}
		said, isSaid := strings.CutPrefix(string(p), target.Say)
		switch {
		case left:
			v.err = fmt.Errorf("got %.40q after leaving", p)
			return
		case !isSaid:
			left = string(p) == target.Left
			v.heard <- string(p)
		case !strings.HasPrefix(said, noise):
			if v.err = v.check(said, last); v.err != nil {
				return
			}
		}
	}
}

// check looks at a message of a member. It must be the next after the last.
func (v *visitor) check(said string, last map[string]int) error {
	var from string
	var n int
	if _, err := fmt.Sscan(said, &from, &n); err != nil {
		return fmt.Errorf("the server sent %.40q", said)
	}
	v.Ledger.Add("messages", 1)
	before, known := last[from]
	if last[from] = n; known && n != before+1 {
		return fmt.Errorf("message %d of %s came after %d", n, from, before)
	}
	if from == v.id {
		v.heard <- strconv.Itoa(n)
	}
	return nil
}
