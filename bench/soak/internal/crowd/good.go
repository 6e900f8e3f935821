package crowd

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
)

// errLate ends a life in its handshake, and is no fault: the machine was too busy for it
// to be done in time.
var errLate = errors.New("the handshake was too late")

// late says what an error in a handshake means.
func (l *life) late(err error) error {
	if err != nil && time.Since(l.begin) >= target.HeaderWait {
		return errLate
	}
	return err
}

// dial opens a websocket connection as a browser does. The whole connection has a bound,
// so that nothing hangs for good.
func (l *life) dial(path string, deflate bool) (*websocket.Conn, error) {
	scheme := "http"
	if l.secure {
		scheme = "https"
	}
	c, response, err := l.dialFrom(scheme+"://"+l.Target.Address(l.secure), path, deflate)
	if err != nil {
		return nil, l.late(fmt.Errorf("connecting to %s: %w, %+v", path, err, response))
	}
	_ = c.NetConn().SetDeadline(time.Now().Add(2 * l.Patience))
	return c, nil
}

// dialFrom opens a connection from a page of an origin.
func (l *life) dialFrom(origin, path string, deflate bool,
) (*websocket.Conn, *http.Response, error) {
	d := websocket.Dialer{TLSClientConfig: l.Target.TLS(), HandshakeTimeout: l.Patience,
		EnableCompression: deflate, ReadBufferSize: 1 << 10, WriteBufferSize: 1 << 10}
	scheme := "ws://"
	if l.secure {
		scheme = "wss://"
	}
	return d.Dial(scheme+l.Target.Address(l.secure)+path, http.Header{"Origin": {origin}})
}

// echo sends messages, some of them under way at the same time, and wants each of them
// back, in order and unchanged; then an end with the code that was agreed on.
func echo(path string, kind int) func(*life) error {
	return func(l *life) error {
		c, err := l.dial(path, path == target.Deflate)
		if err != nil {
			return err
		}
		defer c.Close()
		count, window := 1+l.rand.IntN(30), 1+l.rand.IntN(8)
		var pending [][]byte
		for sent := 0; sent < count || len(pending) > 0; {
			if sent < count && len(pending) < window {
				p := encode(path, l.text(sent))
				if err := l.write(c, kind, p); err != nil {
					return fmt.Errorf("sending %d of %d: %w", sent, count, err)
				}
				sent, pending = sent+1, append(pending, p)
				continue
			}
			if err := l.want(c, kind, pending[0]); err != nil {
				return fmt.Errorf("message %d of %d: %w", sent-len(pending), count, err)
			}
			pending = pending[1:]
		}
		return l.end(c, path, kind)
	}
}

func encode(path, text string) []byte {
	if path == target.JSON {
		p, _ := json.Marshal(target.Note{Text: text}) // a struct of a string
		return p
	}
	return []byte(text)
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
	for err == nil && len(p) > 0 {
		n := 1 + l.rand.IntN(len(p))
		_, err = w.Write(p[:n])
		p = p[n:]
	}
	if err != nil {
		return err
	}
	return w.Close()
}

// read returns the next message. The deadline is the patience, not a time that a server
// keeps.
func (l *life) read(c *websocket.Conn) (kind int, p []byte, err error) {
	_ = c.SetReadDeadline(time.Now().Add(l.Patience))
	return c.ReadMessage()
}

func (l *life) want(c *websocket.Conn, kind int, p []byte) error {
	got, q, err := l.read(c)
	if err != nil || got != kind || string(q) != string(p) {
		return fmt.Errorf("got %d %.40q (%d bytes), %w, want %d %.40q (%d bytes)",
			got, q, len(q), err, kind, p, len(p))
	}
	l.Ledger.Count("messages")
	return nil
}

// right is what a client says before it does something wrong.
const right = "right"

// started is the message of those hostile rows that begin with a whole one.
const started = "a"

// wantClose wants a close frame with a code, and before it some answers at most, and that
// of a whole message at the start of what is wrong (contract 3.9).
func (l *life) wantClose(c *websocket.Conn, code, answers int) error {
	for n := 0; ; n++ {
		_, p, err := l.read(c)
		if err == nil && (n < answers && string(p) == right ||
			n <= answers && string(p) == started) {
			continue
		}
		if !isClose(err, code) {
			return fmt.Errorf("after %d of %d answers: got %.40q, %w, want code %d",
				n, answers, p, err, code)
		}
		return nil
	}
}

func isClose(err error, code int) bool {
	closed := new(websocket.CloseError)
	return errors.As(err, &closed) && closed.Code == code
}

// end ends a connection on which nothing is under way, from one side or the other, and
// wants the close frame that belongs to it.
func (l *life) end(c *websocket.Conn, path string, kind int) error {
	how := []struct {
		ask  string // of the server; otherwise the client closes
		code int
	}{
		{target.EndReturn, 1000}, {target.EndSender, 1000}, {target.EndCode + "4321", 4321},
		{"", 1000}, {"", 1001}, {"", 3000},
	}[l.rand.IntN(6)]
	p := encode(path, how.ask)
	if how.ask == "" {
		kind, p = websocket.CloseMessage, websocket.FormatCloseMessage(how.code, "that is all")
	}
	err := c.WriteMessage(kind, p)
	if err == nil {
		err = l.wantClose(c, how.code, 0)
	}
	if err != nil {
		err = fmt.Errorf("ending with %q, %d: %w", how.ask, how.code, err)
	}
	return err
}
