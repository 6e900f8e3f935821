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

var (
	errEvicted = errors.New("evicted with 1013") // ends a life early, and is no fault
	errSilent  = errors.New("nothing came")
)

// noise begins what bad clients say in rooms: good ones do not enter it into the books.
const noise = "noise "

// visitor is a good client in a room. One goroutine reads what the server sends, another
// one says something and leaves.
type visitor struct {
	*life
	*websocket.Conn
	member *book.Member // nil after it has left
	in     chan string
	gone   chan error // one value, when nothing can be read any more
}

// roomName makes rooms of about eight.
func (l *life) roomName() string { return strconv.Itoa(l.rand.IntN(1 + l.Clients/20)) }

// visit joins a room, talks there, leaves, and then ends the connection.
func visit(path string) func(*life) error {
	return func(l *life) (err error) {
		path := path + l.roomName()
		id := "m" + strconv.FormatInt(l.ids.Add(1), 10)
		v := &visitor{life: l, member: l.Rooms.Join(path, id), in: make(chan string),
			gone: make(chan error, 1)}
		defer func() { v.left(false) }()
		if v.Conn, err = l.dial(path, false); err != nil {
			return err
		}
		defer v.Close()
		stop := make(chan struct{})
		defer close(stop)
		go v.readAll(stop) // ends with the connection, or when stop is closed
		if err := v.talk(id); err != nil {
			return err
		}
		v.left(true)
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

func (v *visitor) left(settled bool) {
	if v.member != nil {
		v.member.Left(settled)
		v.member = nil
	}
}

// talk is the membership, from the server's word that it has begun to its word that it is
// over.
func (v *visitor) talk(id string) error {
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
	return v.hear(v.Patience, func(s string) bool { return s == target.Left })
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
			if said, ok := strings.CutPrefix(s, target.Say); ok {
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
	if strings.HasPrefix(said, noise) {
		return nil
	}
	words := strings.SplitN(said, " ", 3)
	if len(words) < 3 || v.member == nil {
		return fmt.Errorf("the server sent %.40q", said)
	}
	n, _ := strconv.ParseInt(words[1], 10, 64)
	v.Ledger.Count("messages")
	return v.member.Hears(words[0], n)
}

// send sends a message. If that fails, what can still be read says why.
func (v *visitor) send(s string) error {
	err := v.WriteMessage(websocket.TextMessage, []byte(s))
	if err != nil {
		err = fmt.Errorf("%w, and: %w", err,
			v.hear(v.Patience, func(string) bool { return false }))
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
