package crowd

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/bench/soak/internal/book"
	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
)

// errEvicted ends a life early, and is no fault: the room said why.
var errEvicted = errors.New("evicted with 1013")

// errSilent is returned when nothing has come in time.
var errSilent = errors.New("nothing came")

// noise begins what bad clients say in rooms: good ones do not enter it into the books.
const noise = "noise "

// visitor is a good client in rooms. One goroutine reads what the server sends, another
// one says something and leaves.
type visitor struct {
	*life
	conn   *websocket.Conn
	member *book.Member // nil outside of a room
	in     chan string
	gone   chan error // one value, when nothing can be read any more
}

// roomName makes rooms of about eight.
func (l *life) roomName() string { return strconv.Itoa(l.rand.IntN(1 + l.Clients/20)) }

// visit joins a room or several, one after another, on one connection, and talks there.
func visit(path string) func(*life) error {
	return func(l *life) (err error) {
		v := &visitor{life: l, in: make(chan string), gone: make(chan error, 1)}
		name := l.roomName()
		id := v.open(path, name)
		defer func() { v.leave(false) }()
		if v.conn, err = l.dial(path+name, false); err != nil {
			return err
		}
		defer v.conn.Close()
		stop := make(chan struct{})
		defer close(stop)
		go v.readAll(stop) // ends with the connection, or when stop is closed
		for visits := l.rand.IntN(3); ; visits-- {
			if err := v.stay(id); err != nil {
				return err
			}
			if visits == 0 {
				break
			}
			name = l.roomName()
			id = v.open(path, name)
			if err := v.send(target.Join + name); err != nil {
				return err
			}
		}
		if err := v.send(target.EndReturn); err != nil {
			return err
		}
		err = v.hear(v.Patience, func(string) bool { return false })
		if isClose(err, websocket.CloseNormalClosure) {
			return nil
		}
		return fmt.Errorf("at the end: %w, want 1000", err)
	}
}

// open opens an account for a room, and returns the id of the member.
func (v *visitor) open(path, name string) (id string) {
	id = "m" + strconv.FormatInt(v.ids.Add(1), 10)
	v.member = v.Rooms.Join(path+name, id)
	return id
}

func (v *visitor) leave(settled bool) {
	if v.member != nil {
		v.member.Left(settled)
		v.member = nil
	}
}

// stay is one membership, from the server's word that it has begun to its word that it is
// over.
func (v *visitor) stay(id string) error {
	if err := v.hear(v.Patience, func(s string) bool { return s == target.Joined }); err != nil {
		return err
	}
	v.member.Joined()
	for range v.rand.IntN(12) {
		listening := time.Duration(v.rand.Int64N(int64(v.Pause)))
		err := v.hear(listening, func(string) bool { return false })
		if !errors.Is(err, errSilent) {
			return err
		}
		err = v.send(fmt.Sprintf("%s%s %d %s", target.Say, id, v.member.Says(), v.text(0)))
		if err != nil {
			return err
		}
	}
	due := v.member.Due()
	for missing := v.member.Missing(due); missing != ""; missing = v.member.Missing(due) {
		if err := v.hear(v.Patience, func(s string) bool { return s == "" }); err != nil {
			return fmt.Errorf("%s: %w", missing, err)
		}
	}
	if err := v.send(target.Leave); err != nil {
		return err
	}
	err := v.hear(v.Patience, func(s string) bool { return s == target.Left })
	v.leave(err == nil)
	return err
}

// hear enters messages into the books until until returns true: it is called with "" for
// a message, and with what the server itself says, of which nothing else is allowed. The
// error is errSilent after d.
func (v *visitor) hear(d time.Duration, until func(string) bool) error {
	late := time.NewTimer(d)
	defer late.Stop()
	for {
		select {
		case s := <-v.in:
			said, ok := strings.CutPrefix(s, target.Say)
			switch {
			case ok && strings.HasPrefix(said, noise):
				continue
			case ok:
				if err := v.enter(said); err != nil {
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

// enter enters a message into the books.
func (v *visitor) enter(said string) error {
	from, rest, _ := strings.Cut(said, " ")
	number, _, _ := strings.Cut(rest, " ")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || v.member == nil {
		return fmt.Errorf("the server sent %.40q", said)
	}
	v.Ledger.Count(book.Messages)
	return v.member.Hears(from, n)
}

// send sends a message. If that fails, what can still be read says why.
func (v *visitor) send(s string) error {
	err := v.conn.WriteMessage(websocket.TextMessage, []byte(s))
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w, and: %w", err, v.hear(v.Patience, func(string) bool { return false }))
}

// readAll hands over what the server sends. It ends when the connection has, or with
// stop.
func (v *visitor) readAll(stop <-chan struct{}) {
	for {
		_, p, err := v.conn.ReadMessage()
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
