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

func goodInRoom(l *life) error         { return l.visitRooms(target.Room) }
func goodInPreparedRoom(l *life) error { return l.visitRooms(target.Prepared) }

// errEvicted ends a life early, and is no fault: the room said why.
var errEvicted = errors.New("evicted with 1013")

// visitor is a good client in rooms. One goroutine reads what it hears, another one says
// something and leaves.
type visitor struct {
	*life
	conn   *websocket.Conn
	path   string
	member *book.Member
	id     string
	heard  chan string // what the server says of joining and leaving
	books  chan hearing
	gone   chan error // one value, when nothing can be read any more
}

// hearing is one message of a room.
type hearing struct {
	from   string
	number int64
}

// visitRooms joins a room or several, one after another, on one connection, and talks there.
func (l *life) visitRooms(path string) error {
	name := l.roomName()
	v := &visitor{life: l, path: path,
		heard: make(chan string), books: make(chan hearing), gone: make(chan error, 1)}
	v.open(name)
	conn, err := l.dial(path+name, false)
	if err != nil {
		v.member.Left(false)
		return err
	}
	defer conn.Close()
	v.conn = conn
	stop := make(chan struct{})
	defer close(stop)
	go v.readAll(stop) // ends with the connection, or when stop is closed
	for visits := 1 + l.rand.IntN(3); ; visits-- {
		err := v.visit()
		if err != nil || visits == 1 {
			if errors.Is(err, errEvicted) {
				l.ledger.Evicted()
				return nil
			}
			if err != nil {
				return err
			}
			return v.say(target.EndReturn, websocket.CloseNormalClosure)
		}
		name = l.roomName()
		v.open(name)
		if err := conn.WriteMessage(websocket.TextMessage, []byte(target.Join+name)); err != nil {
			v.member.Left(false)
			return v.cannotWrite(err)
		}
	}
}

// roomName makes rooms of about eight.
func (l *life) roomName() string { return strconv.Itoa(l.rand.IntN(1 + l.Clients/20)) }

func (v *visitor) open(name string) {
	v.id = "m" + strconv.FormatInt(v.ids.Add(1), 10)
	v.member = v.Crowd.books.Join(v.path+name, v.id)
}

// visit is one membership, from the server's word that it has begun to its word that it is over.
func (v *visitor) visit() (err error) {
	settled := false
	defer func() { v.member.Left(settled) }()
	if err := v.await(target.Joined); err != nil {
		return err
	}
	v.member.Joined()
	for range v.rand.IntN(12) {
		if err := v.listen(time.Duration(v.rand.Int64N(int64(v.Pause)))); err != nil {
			return err
		}
		text := fmt.Sprintf("%s%s %d %s", target.Say, v.id, v.member.Says(), v.text(0))
		if err := v.conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
			return v.cannotWrite(err)
		}
	}
	due := v.member.Due()
	for missing := v.member.Missing(due); missing != ""; missing = v.member.Missing(due) {
		if err := v.hear(v.Patience, true); err != nil {
			return fmt.Errorf("%s: %w", missing, err)
		}
	}
	if err := v.conn.WriteMessage(websocket.TextMessage, []byte(target.Leave)); err != nil {
		return v.cannotWrite(err)
	}
	if err := v.await(target.Left); err != nil {
		return err
	}
	settled = true
	return nil
}

// await hears what the room says until the server says what.
func (v *visitor) await(what string) error {
	late := time.NewTimer(v.Patience)
	defer late.Stop()
	for {
		select {
		case h := <-v.books:
			if err := v.enter(h); err != nil {
				return err
			}
		case said := <-v.heard:
			if said != what {
				return fmt.Errorf("the server said %.40q, want %q", said, what)
			}
			return nil
		case err := <-v.gone:
			return v.end(err)
		case <-late.C:
			return fmt.Errorf("the server has not said %q in %v", what, v.Patience)
		}
	}
}

// listen hears what the room says for that long.
func (v *visitor) listen(d time.Duration) error {
	for end := time.Now().Add(d); ; {
		left := time.Until(end)
		if left <= 0 {
			return nil
		}
		if err := v.hear(left, false); err != nil {
			return err
		}
	}
}

// hear hears one message, or none within d, which is an error where it must come.
func (v *visitor) hear(d time.Duration, must bool) error {
	late := time.NewTimer(d)
	defer late.Stop()
	select {
	case h := <-v.books:
		return v.enter(h)
	case said := <-v.heard:
		return fmt.Errorf("the server said %.40q, want nothing", said)
	case err := <-v.gone:
		return v.end(err)
	case <-late.C:
		if must {
			return fmt.Errorf("nothing came for %v", d)
		}
		return nil
	}
}

// enter enters a message into the books.
func (v *visitor) enter(h hearing) error {
	if err := v.member.Hears(h.from, h.number); err != nil {
		return err
	}
	v.ledger.Messages(1)
	return nil
}

// say asks for the end of a connection that is in no room, and wants that code and no message.
func (v *visitor) say(what string, code int) error {
	if err := v.conn.WriteMessage(websocket.TextMessage, []byte(what)); err != nil {
		return v.cannotWrite(err)
	}
	select {
	case h := <-v.books:
		return fmt.Errorf("message %d of %s came after the member had left", h.number, h.from)
	case said := <-v.heard:
		return fmt.Errorf("the server said %.40q, want an end with %d", said, code)
	case err := <-v.gone:
		if !websocket.IsCloseError(err, code) {
			return fmt.Errorf("%q: %w, want code %d", what, err, code)
		}
		return nil
	case <-time.After(v.Patience):
		return fmt.Errorf("no end within %v of %q", v.Patience, what)
	}
}

// end says what the end of a connection means: with 1013, the room has removed a slow member.
func (v *visitor) end(err error) error {
	if websocket.IsCloseError(err, websocket.CloseTryAgainLater) {
		return errEvicted
	}
	return fmt.Errorf("the connection has ended: %w", err)
}

// cannotWrite is the same for a write that has failed: what can still be read says why.
func (v *visitor) cannotWrite(err error) error {
	for late := time.After(v.Patience); ; {
		select {
		case h := <-v.books:
			if err := v.enter(h); err != nil {
				return err
			}
		case <-v.heard:
		case err := <-v.gone:
			return v.end(err)
		case <-late:
			return fmt.Errorf("nothing can be written, and there is no end: %w", err)
		}
	}
}

// readAll takes apart what the server sends. It ends when the connection has, or with stop.
func (v *visitor) readAll(stop <-chan struct{}) {
	for {
		_, p, err := v.conn.ReadMessage()
		if err != nil {
			v.gone <- err
			return
		}
		rest, ok := strings.CutPrefix(string(p), target.Say)
		if !ok {
			select {
			case v.heard <- string(p):
			case <-stop:
				return
			}
			continue
		}
		if strings.HasPrefix(rest, noise) {
			continue
		}
		from, rest, _ := strings.Cut(rest, " ")
		number, _, _ := strings.Cut(rest, " ")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			v.gone <- fmt.Errorf("the server sent %.40q", p)
			return
		}
		select {
		case v.books <- hearing{from, n}:
		case <-stop:
			return
		}
	}
}
