package crowd

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
)

func goodText(l *life) error {
	return l.echo(target.Text, false, websocket.TextMessage, plain)
}

func goodBytes(l *life) error {
	return l.echo(target.Bytes, false, websocket.BinaryMessage, plain)
}

func goodCompressed(l *life) error {
	return l.echo(target.Deflate, true, websocket.TextMessage, plain)
}

func goodJSON(l *life) error {
	return l.echo(target.JSON, false, websocket.TextMessage, func(text string) []byte {
		p, _ := json.Marshal(target.Note{Text: text}) // a struct of a string
		return p
	})
}

func plain(text string) []byte { return []byte(text) }

// echo sends messages, some of them under way at the same time, and wants each of them
// back, in order and unchanged; then an end with the code that was agreed on.
func (l *life) echo(path string, deflate bool, kind int, encode func(string) []byte) error {
	c, err := l.dial(path, deflate)
	if err != nil {
		return err
	}
	defer c.Close()
	count, window := 1+l.rand.IntN(30), 1+l.rand.IntN(8)
	sent, pending := 0, [][]byte(nil)
	for sent < count || len(pending) > 0 {
		if sent < count && len(pending) < window {
			p := encode(l.text(sent))
			if err := l.write(c, kind, p); err != nil {
				return fmt.Errorf("sending %d of %d: %w", sent, count, err)
			}
			sent, pending = sent+1, append(pending, p)
			continue
		}
		got, err := l.read(c, kind)
		if err != nil {
			return fmt.Errorf("message %d of %d: %w", sent-len(pending), count, err)
		}
		if want := pending[0]; string(got) != string(want) {
			return fmt.Errorf("message %d is %.40q (%d bytes), want %.40q (%d bytes)",
				sent-len(pending), got, len(got), want, len(want))
		}
		pending = pending[1:]
		l.ledger.Messages(1)
	}
	return l.end(c, kind, encode)
}

// text is the nth message: most are small, some are as large as a message may be.
func (l *life) text(nth int) string {
	size := l.rand.IntN(200)
	switch l.rand.IntN(20) {
	case 0:
		size = l.rand.IntN(target.MaxMessage - 1000)
	case 1:
		size = l.rand.IntN(5000)
	}
	const some = "some text, ä ö ü € \U0001d11e, "
	return fmt.Sprintf("%d/%d %s", l.rand.Uint32(), nth, strings.Repeat(some, size/len(some)))
}

// write sends a message, whole or in fragments, at times with a ping before or between.
func (l *life) write(c *websocket.Conn, kind int, p []byte) error {
	l.pause(l.Pause / 20)
	if l.rand.IntN(10) == 0 {
		if err := c.WriteControl(websocket.PingMessage, []byte("ping"), time.Time{}); err != nil {
			return err
		}
	}
	if l.rand.IntN(4) > 0 {
		return c.WriteMessage(kind, p)
	}
	w, err := c.NextWriter(kind)
	if err != nil {
		return err
	}
	for len(p) > 0 {
		n := 1 + l.rand.IntN(len(p))
		if _, err := w.Write(p[:n]); err != nil {
			return err
		}
		p = p[n:]
	}
	return w.Close()
}

// read returns the next message. The deadline is the patience, not a time that a server
// keeps.
func (l *life) read(c *websocket.Conn, kind int) ([]byte, error) {
	_ = c.SetReadDeadline(time.Now().Add(l.Patience))
	got, p, err := c.ReadMessage()
	if err == nil && got != kind {
		return nil, fmt.Errorf("a message of kind %d, want %d", got, kind)
	}
	return p, err
}
