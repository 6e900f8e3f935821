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

var (
	errEvicted = errors.New("evicted with 1013") // ends a life early, and is no fault
	errSilent  = errors.New("nothing came")
)

// noise begins what bad clients say in rooms: good ones do not look at it.
const noise = "noise "

// visitor is a good client in a room. One goroutine reads what the server sends, another
// one says something and leaves. What one speaker says must come once and in order, and
// all that the visitor says itself. Who else must get what is for the histories of
// rooms/internal/history to check.
type visitor struct {
	*life
	*websocket.Conn
	id   string
	said int64
	last map[string]int64 // the number of each speaker's last message; nil after leaving
	in   chan string
	gone chan error // one value, when nothing can be read any more
}

// roomName makes rooms of about eight.
func (l *life) roomName() string { return strconv.Itoa(l.rand.IntN(1 + l.Clients/20)) }

// visit joins a room, talks there, leaves, and then ends the connection.
func visit(path string) func(*life) error {
	return func(l *life) error {
		c, err := l.dial(path+l.roomName(), false)
		if err != nil {
			return err
		}
		defer c.Close()
		id := "m" + strconv.FormatInt(l.ids.Add(1), 10)
		v := &visitor{life: l, Conn: c, id: id, last: map[string]int64{id: 0},
			in: make(chan string), gone: make(chan error, 1)}
		stop := make(chan struct{})
		defer close(stop)
		go v.readAll(stop) // ends with the connection, or when stop is closed
		if err := v.talk(); err != nil {
			return err
		}
		v.last = nil
		if err := v.send(target.EndReturn); err != nil {
			return err
		}
		if err = v.hear(v.Patience, never); isClose(err, websocket.CloseNormalClosure) {
			return nil
		}
		return fmt.Errorf("at the end: %w, want 1000", err)
	}
}

// talk is the membership, from the server's word that it has begun to its word that it is
// over.
func (v *visitor) talk() error {
	if err := v.hear(v.Patience, func(s string) bool { return s == target.Joined }); err != nil {
		return err
	}
	for range v.rand.IntN(12) {
		err := v.hear(time.Duration(v.rand.Int64N(int64(v.Pause))), never)
		if !errors.Is(err, errSilent) {
			return err
		}
		v.said++
		err = v.send(fmt.Sprintf("%s%s %d %s", target.Say, v.id, v.said, v.text(0)))
		if err != nil {
			return err
		}
	}
	for v.last[v.id] < v.said {
		if err := v.hear(v.Patience, func(s string) bool { return s == "" }); err != nil {
			return fmt.Errorf("message %d has not come back: %w", v.last[v.id]+1, err)
		}
	}
	if err := v.send(target.Leave); err != nil {
		return err
	}
	return v.hear(v.Patience, func(s string) bool { return s == target.Left })
}

func never(string) bool { return false }

// hear checks messages until until returns true: it is called with "" for a message, and
// with what the server itself says, of which nothing else is allowed. The error is
// errSilent after d.
func (v *visitor) hear(d time.Duration, until func(string) bool) error {
	late := time.NewTimer(d)
	defer late.Stop()
	for {
		select {
		case s := <-v.in:
			if said, ok := strings.CutPrefix(s, target.Say); ok {
				if err := v.check(said); err != nil {
					return err
				}
				s = ""
			}
			if until(s) {
				return nil
			}
			if s != "" {
				return fmt.Errorf("the server said %.40q", s)
			}
		case err := <-v.gone:
			if isClose(err, websocket.CloseTryAgainLater) {
				return errEvicted
			}
			return fmt.Errorf("the connection has ended: %w", err)
		case <-late.C:
			return fmt.Errorf("%w in %v", errSilent, d)
		}
	}
}

// check looks at a message of a member.
func (v *visitor) check(said string) error {
	if strings.HasPrefix(said, noise) {
		return nil
	}
	var from string
	var n int64
	if _, err := fmt.Sscan(said, &from, &n); err != nil || v.last == nil {
		return fmt.Errorf("the server sent %.40q", said)
	}
	v.Ledger.Count("messages")
	last, known := v.last[from]
	v.last[from] = n
	if known && n != last+1 {
		return fmt.Errorf("message %d of %s came after %d", n, from, last)
	}
	return nil
}

// send sends a message. If that fails, what can still be read says why.
func (v *visitor) send(s string) error {
	err := v.WriteMessage(websocket.TextMessage, []byte(s))
	if err != nil {
		err = fmt.Errorf("%w, and: %w", err, v.hear(v.Patience, never))
	}
	return err
}

// readAll hands over what the server sends. It ends when the connection has, or with
// stop.
func (v *visitor) readAll(stop <-chan struct{}) {
	for {
		_, p, err := v.ReadMessage()
		if err != nil {
			v.gone <- err
			return
		}
		select {
		case v.in <- string(p):
		case <-stop:
			return
		}
	}
}
