package crowd

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/bench/internal/frame"
	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
)

// noise begins what bad clients say in rooms: good ones do not enter it into the books.
const noise = "noise "

// reset stops in the middle of a frame, without a word.
func reset(l *life) error { return l.breakOff(target.Text, resetTCP) }

func resetInRoom(l *life) error {
	return l.breakOff([]string{target.Room, target.Prepared}[l.rand.IntN(2)]+l.roomName(), resetTCP)
}

// vanish closes TCP in the middle of a frame, and never a websocket.
func vanish(l *life) error {
	return l.breakOff(target.Text, func(c net.Conn) { _ = tcp(c).Close() })
}

func (l *life) breakOff(path string, with func(net.Conn)) error {
	c, err := l.dial(path, false)
	if err != nil {
		return err
	}
	defer with(c.NetConn())
	for range l.rand.IntN(5) {
		l.pause(l.Pause / 10)
		if c.WriteMessage(websocket.TextMessage, []byte(target.Say+noise+l.text(0))) != nil {
			return nil // what a server owes to such a client is nothing
		}
	}
	f := frame.Text([]byte(l.text(0)))
	_, _ = c.NetConn().Write(f[:l.rand.IntN(len(f))])
	l.pause(l.Pause / 10)
	return nil
}

// halfClose closes its sending side, and wants the server to end as well.
func halfClose(l *life) error {
	c, err := l.dial(target.Text, false)
	if err != nil {
		return err
	}
	defer c.Close()
	f := frame.Repeat(frame.Text([]byte("half")), l.rand.IntN(5))
	if _, err := c.NetConn().Write(f); err != nil {
		return err
	}
	half, ok := c.NetConn().(interface{ CloseWrite() error })
	if !ok {
		return fmt.Errorf("%T has no CloseWrite", c.NetConn())
	}
	if err := half.CloseWrite(); err != nil {
		return err
	}
	return l.drain(c.NetConn())
}

// drain reads until the server has ended the connection, however it does that.
func (l *life) drain(c net.Conn) error {
	_ = c.SetReadDeadline(time.Now().Add(l.Patience))
	_, err := io.Copy(io.Discard, c)
	if nerr := net.Error(nil); errors.As(err, &nerr) && nerr.Timeout() {
		return fmt.Errorf("the server has not ended the connection in %v", l.Patience)
	}
	return nil
}

// flood sends as much as it can, and reads nothing.
func flood(l *life) error {
	c, err := l.dial(target.Text, false)
	if err != nil {
		return err
	}
	defer resetTCP(c.NetConn())
	f := frame.Repeat(frame.Text([]byte(strings.Repeat("flood", 200))), 50)
	_ = c.NetConn().SetWriteDeadline(time.Now().Add(l.Stall / 2))
	for range 200 {
		if _, err := c.NetConn().Write(f); err != nil {
			return nil // the server has stopped reading, as it should
		}
	}
	return nil
}

// stall sends more than it reads, which is nothing, and then does nothing at all.
func stall(l *life) error { return l.doNothing(target.Text) }

func stallInRoom(l *life) error { return l.doNothing(target.Room + l.roomName()) }

func (l *life) doNothing(path string) error {
	c, err := l.dial(path, false)
	if err != nil {
		return err
	}
	defer resetTCP(c.NetConn())
	_ = tcp(c.NetConn()).SetReadBuffer(2 << 10)
	for range l.rand.IntN(4) {
		text := target.Say + noise + strings.Repeat("stall", 2000)
		if c.WriteMessage(websocket.TextMessage, []byte(text)) != nil {
			return nil
		}
	}
	l.pause(l.Stall)
	return nil
}

// slowWriter sends a message byte by byte, and is a good client in all else.
func slowWriter(l *life) error {
	c, err := l.dial(target.Text, false)
	if err != nil {
		return err
	}
	defer c.Close()
	const slow = "slow but whole"
	for _, b := range frame.Text([]byte(slow)) {
		l.pause(l.Pause / 5)
		if _, err := c.NetConn().Write([]byte{b}); err != nil {
			return err
		}
	}
	got, err := l.read(c, websocket.TextMessage)
	if err != nil || string(got) != slow {
		return fmt.Errorf("a message byte by byte: got %q, %w, want %q", got, err, slow)
	}
	return l.end(c, websocket.TextMessage, plain)
}
