package crowd

import (
	"errors"
	"fmt"
	"strconv"
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

// visitRooms joins a room or several, one after another, on one connection, and talks
// there.
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

// visit is one membership, from the server's word that it has begun to its word that it
// is over.
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
