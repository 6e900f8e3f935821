package crowd

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/bench/internal/serve"
	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
)

// connect opens a websocket connection as a browser does. The path of a room gets a name;
// rooms have about eight members. The whole connection has a bound, so that nothing hangs
// for good.
func (l *life) connect() error {
	if strings.HasSuffix(l.path, "/") {
		l.path += strconv.Itoa(l.rand.IntN(1 + l.Clients/20))
	}
	c, response, err := l.dial(l.server.URL)
	if err != nil {
		return fmt.Errorf("connecting to %s: %w, %+v", l.path, err, response)
	}
	l.Conn = c
	return c.NetConn().SetDeadline(time.Now().Add(2 * l.Patience))
}

// dial opens a connection from a page of an origin.
func (l *life) dial(origin string) (*websocket.Conn, *http.Response, error) {
	d := websocket.Dialer{HandshakeTimeout: l.Patience, ReadBufferSize: 1 << 10,
		WriteBufferSize: 1 << 10, EnableCompression: l.path == target.Deflate,
		TLSClientConfig: l.server.Client().Transport.(*http.Transport).TLSClientConfig}
	return d.Dial("ws"+strings.TrimPrefix(l.server.URL, "http")+l.path,
		http.Header{"Origin": {origin}})
}

// echo sends messages, some of them under way at the same time, and wants each of them
// back, in order and unchanged; then an end with the code that was agreed on.
func echo(l *life) error {
	count, window := 1+l.rand.IntN(30), 1+l.rand.IntN(8)
	var pending [][]byte
	for sent := 0; sent < count || len(pending) > 0; {
		if sent < count && len(pending) < window {
			p := l.encode(l.text(sent))
			if err := l.write(p); err != nil {
				return fmt.Errorf("sending %d of %d: %w", sent, count, err)
			}
			sent, pending = sent+1, append(pending, p)
			continue
		}
		if err := l.want(pending[0]); err != nil {
			return fmt.Errorf("message %d of %d: %w", sent-len(pending), count, err)
		}
		pending = pending[1:]
	}
	return l.end()
}

func (l *life) encode(text string) []byte {
	if l.path == target.JSON {
		p, _ := json.Marshal(serve.Message{Text: text}) // a struct of strings
		return p
	}
	return []byte(text)
}

// kind is that of the messages.
func (l *life) kind() int {
	if l.path == target.Bytes {
		return websocket.BinaryMessage
	}
	return websocket.TextMessage
}

// text is the nth message: most are small, some are as large as a message may be.
func (l *life) text(nth int) string {
	size := l.rand.IntN(200)
	if l.rand.IntN(20) == 0 {
		size = l.rand.IntN(serve.MaxMessage - 1000)
	}
	const some = "some text, ä ö ü € \U0001d11e, "
	return fmt.Sprintf("%d/%d %s", l.rand.Uint32(), nth, strings.Repeat(some, size/len(some)))
}

// say sends a text, whole.
func (l *life) say(text string) error { return l.WriteMessage(l.kind(), l.encode(text)) }

// write sends a message, in fragments of a kilobyte, at times with a ping before.
func (l *life) write(p []byte) error {
	l.pause(l.Pause / 20)
	if l.rand.IntN(10) == 0 {
		err := l.WriteControl(websocket.PingMessage, []byte("ping"), time.Time{})
		if err != nil {
			return err
		}
	}
	return l.WriteMessage(l.kind(), p)
}

// read returns the next message. The deadline is the patience, not a time that a server
// keeps.
func (l *life) read() (kind int, p []byte, err error) {
	_ = l.SetReadDeadline(time.Now().Add(l.Patience))
	return l.ReadMessage()
}

func (l *life) want(p []byte) error {
	kind, got, err := l.read()
	if err != nil || kind != l.kind() || string(got) != string(p) {
		return fmt.Errorf("got %d %.40q (%d bytes), %w, want %d %.40q (%d bytes)",
			kind, got, len(got), err, l.kind(), p, len(p))
	}
	l.Ledger.Add("messages", 1)
	return nil
}

// right is what a client says before it does something wrong.
const right = "right"

// started is the message of those hostile rows that begin with a whole one.
const started = "a"

// wantClose wants a close frame with a code, and before it some answers at most, and that
// of a whole message at the start of what is wrong (contract 3.9).
func (l *life) wantClose(code, answers int) error {
	for n := 0; ; n++ {
		_, p, err := l.read()
		if isClose(err, code) {
			return nil
		}
		answer := n < answers && string(p) == right || n <= answers && string(p) == started
		if err != nil || !answer {
			return fmt.Errorf("after %d of %d answers: got %.40q, %w, want code %d",
				n, answers, p, err, code)
		}
	}
}

func isClose(err error, code int) bool {
	closed := new(websocket.CloseError)
	return errors.As(err, &closed) && closed.Code == code
}

// end ends a connection on which nothing is under way, from one side or the other, and
// wants the close frame that belongs to it.
func (l *life) end() error {
	how := []struct {
		ask  string // of the server; otherwise the client closes
		code int
	}{
		{target.EndReturn, 1000}, {target.EndSender, 1000}, {target.EndCode + "4321", 4321},
		{"", 1000}, {"", 1001}, {"", 3000},
	}[l.rand.IntN(6)]
	kind, p := l.kind(), l.encode(how.ask)
	if how.ask == "" {
		kind, p = websocket.CloseMessage, websocket.FormatCloseMessage(how.code, "that is all")
	}
	if err := errors.Join(l.WriteMessage(kind, p), l.wantClose(how.code, 0)); err != nil {
		return fmt.Errorf("ending with %q, %d: %w", how.ask, how.code, err)
	}
	return nil
}
