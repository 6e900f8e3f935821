package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// conn is one client. Gorilla shakes hands and reads. What it sends are frames of wstest,
// so that many are built beforehand and sent in one write. One goroutine may Write while
// another reads. Close is a reset, so no port stays in TIME_WAIT.
type conn struct {
	*net.TCPConn
	round *Round
	ws    *websocket.Conn
	in    bytes.Buffer // the last message
	out   []byte       // questions that Read sends
	asked int          // their number
	due   int          // answers to those that were sent
}

// Read sends the questions in one write, before it waits for what comes. Gorilla calls it
// when everything that has come is taken.
func (c *conn) Read(p []byte) (int, error) {
	if c.asked > 0 {
		if _, err := c.Write(c.out); err != nil {
			return 0, err
		}
		c.due, c.asked, c.out = c.due+c.asked, 0, c.out[:0]
	}
	return c.TCPConn.Read(p)
}

// SetWriteDeadline does nothing: gorilla's deadline for answering a ping would stay set.
func (c *conn) SetWriteDeadline(time.Time) error { return nil }

// ask puts a question, which is a frame.
func (c *conn) ask(frame []byte) {
	c.out = append(c.out, frame...)
	c.asked++
}

// answer waits for the next answer, which must be want.
func (c *conn) answer(want []byte) {
	p, err := c.next()
	if c.due--; err == nil && c.due < 0 {
		err = errors.New("more than questions")
	}
	if err != nil {
		c.round.must(fmt.Errorf("%w: %w", ErrWrong, err))
	}
	c.round.mustBe(p, want)
}

// echo sends one message, and wants it back.
func (c *conn) echo(payload []byte) {
	c.ask(text(payload))
	c.answer(payload)
}

// hear waits for the next broadcast. There need be none once the round is ending.
func (c *conn) hear() []byte {
	p, err := c.next()
	if err != nil && c.round.ending.Load() {
		runtime.Goexit()
	}
	c.round.must(err)
	return p
}

// next waits for the next message, which is valid until the next call.
func (c *conn) next() ([]byte, error) {
	c.in.Reset()
	_, r, err := c.ws.NextReader()
	if err == nil {
		_, err = c.in.ReadFrom(r)
	}
	return c.in.Bytes(), err
}

// text returns the frame of a text message.
func text(p []byte) []byte { return wstest.Bytes(wstest.Text(string(p))) }

func (r *Round) dial(path string) *conn {
	tcp, err := new(net.Dialer).DialContext(r, "tcp", r.Address)
	r.must(err)
	c := &conn{TCPConn: tcp.(*net.TCPConn), round: r}
	connected := func(context.Context, string, string) (net.Conn, error) { return c, nil }
	d := websocket.Dialer{NetDialContext: connected, ReadBufferSize: 8 << 10}
	var res *http.Response
	c.ws, res, err = d.DialContext(r, "ws://"+r.Address+path,
		http.Header{"Origin": {"http://" + r.Address}})
	if err != nil {
		r.must(fmt.Errorf("load: connecting to %s: %w, %+v", path, err, res))
	}
	_ = c.SetLinger(0)
	return c
}

// dialAll opens n clients, which live until the round is over.
func (r *Round) dialAll(path string, n int) (all []*conn) {
	for range n {
		c := r.dial(path)
		context.AfterFunc(r, func() { c.Close() })
		all = append(all, c)
	}
	return all
}

// gather opens n clients, of which the last do not read, and returns when a broadcast
// would reach all. Those who do not read have a small buffer in the kernel, so that they
// soon stall the server.
func (r *Round) gather(path string, n, stalled int) []*conn {
	all := r.dialAll(path, n)
	for r.usage(false).Joined != int64(n) {
		r.sleep(5 * time.Millisecond)
	}
	for _, c := range all[n-stalled:] {
		_ = c.SetReadBuffer(2 << 10)
	}
	return all
}

// end ends the round. For as long as patience, clients still take what is under way.
func (r *Round) end(clients []*conn, patience time.Duration) {
	r.ending.Store(true)
	for _, c := range clients {
		_ = c.SetDeadline(time.Now().Add(patience))
	}
}
