package load

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

var errClosed = errors.New("load: the server sent a close frame")

// conn is one client. One goroutine may write frames while another reads.
type conn struct {
	*net.TCPConn
	in  *bufio.Reader
	rsv byte // of each message
}

// manner says what a client is like.
type manner struct {
	path    string
	buffer  int  // for reading, in bytes
	deflate bool // compressed in both directions, without context takeover
	stalled bool // does not read: a small buffer in the kernel stalls its server soon
}

// dial has gorilla shake hands. From then on frames are those of wstest, so that many are
// built beforehand and sent in one write, and all that comes back is looked at. No
// benchmarked server sends a frame before it has got one. Close is a reset, so that
// thousands of connections leave no ports in TIME_WAIT behind.
func (r *Round) dial(m manner) (*conn, error) {
	d := websocket.Dialer{EnableCompression: m.deflate, ReadBufferSize: 1 << 10}
	c, res, err := d.DialContext(r, "ws://"+r.Address()+m.path,
		http.Header{"Origin": {"http://" + r.Address()}})
	if err != nil {
		return nil, fmt.Errorf("load: connecting to %s: %w, %+v", m.path, err, res)
	}
	tcp := c.NetConn().(*net.TCPConn)
	_ = tcp.SetLinger(0)
	// It has a minute to connect, to drain, and to be late on a busy machine. What is
	// lost is noticed long before, by Patience.
	_ = tcp.SetDeadline(time.Now().Add(r.Warm + 2*r.Measure + time.Minute))
	if m.stalled {
		_ = tcp.SetReadBuffer(2 << 10)
	}
	client := &conn{TCPConn: tcp, in: bufio.NewReaderSize(tcp, m.buffer)}
	if m.deflate {
		client.rsv = wstest.Rsv1
	}
	return client, nil
}

// dialAll opens n clients, a few at a time so that no listen queue overflows. They live
// until the round is over. It returns none if the round has failed.
func (r *Round) dialAll(n int, m manner) []*conn {
	const atOnce = 16
	all := make([]*conn, n)
	var dialing sync.WaitGroup
	for first := range atOnce {
		dialing.Go(func() {
			for i := first; i < n; i += atOnce {
				c, err := r.dial(m)
				if r.check(err) {
					return
				}
				context.AfterFunc(r, func() { c.Close() })
				all[i] = c
			}
		})
	}
	if dialing.Wait(); r.Err() != nil {
		return nil
	}
	return all
}

// frames returns n times the frame of a text message.
func (c *conn) frames(payload []byte, n int) (all []byte) {
	f := wstest.Text(string(payload))
	if c.rsv != 0 {
		f = wstest.Compressed(wstest.OpText, payload)
	}
	for range n {
		all = f.Append(all)
	}
	return all
}

// next waits for the next message and returns its payload. It skips pings. No benchmarked
// server should mask, fragment, or compress unless that was agreed on.
func (c *conn) next() ([]byte, error) {
	for {
		f, err := wstest.ReadFrame(c.in)
		data := f.Opcode == wstest.OpText || f.Opcode == wstest.OpBinary
		switch {
		case err != nil:
			return nil, err
		case f.Opcode == wstest.OpClose:
			return nil, fmt.Errorf("%w: %v", errClosed, f)
		case f.Opcode == wstest.OpPing:
		case f.Masked || !f.Fin || !data || f.Rsv != c.rsv:
			return nil, fmt.Errorf("%w: %v", ErrWrong, f)
		case c.rsv != 0:
			return wstest.Inflate(f.Payload)
		default:
			return f.Payload, nil
		}
	}
}

// waiting reports whether a further message has arrived already.
func (c *conn) waiting() bool {
	if c.in.Buffered() == 0 {
		return false
	}
	first, _ := c.in.Peek(1)
	return first[0]&0x0F != wstest.OpPing
}

// ask sends one message and wants it back, alone.
func (c *conn) ask(payload []byte) error {
	if _, err := c.Write(c.frames(payload, 1)); err != nil {
		return err
	}
	p, err := c.next()
	if err == nil && c.waiting() {
		err = fmt.Errorf("%w: more than one", ErrWrong)
	}
	if err == nil {
		err = same(p, payload)
	}
	return err
}
