package e2e

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/mempipe"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// holdFailing is hold on a network whose writes fail when the test says so.
// Reads go on.
func holdFailing(t *testing.T, o *sockets.Options) (*held, *failing) {
	pipe := mempipe.Listen(0)
	network := failingListener{pipe, 1 << 20, make(chan *failing, 1)}
	listener := wstest.Count(network)
	h := &held{received: make(chan string, 100)}
	serveHeld(t, listener, o, h)
	conn, err := pipe.Dial(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	h.client = wstest.Over(t, conn, pipe.Addr().String())
	h.client.Upgrade("/ws", http.Header{"Origin": {"http://" + pipe.Addr().String()}})
	h.client.Wait = time.Hour
	h.sending, h.conn = <-h.handed, listener.Conn(t)
	return h, <-network.accepted
}

// Contract 4.1: an error of the network takes precedence over that of a message
// in the same batch.
func TestNetworkFailsBeforeAMessage(t *testing.T) {
	for _, code := range []int{0, 4000} { // the code that the handler sends; 0 for none
		synctest.Test(t, func(t *testing.T) {
			h, network := holdFailing(t, apptest.Silent())
			h.stall()
			h.sender <- "good"
			h.sender <- "bad \xff"
			if code != 0 {
				h.disconnect <- code
			}
			synctest.Wait()
			network.left.Store(int64(len("stalls") + 2))
			h.conn.Resume()

			err := <-h.ended

			// An end that the handler asked for is regular, even if the flush fails.
			if code == 0 && !errors.Is(err, errCable) || code != 0 && err != nil {
				t.Errorf("code %d: error = %v, want the network's", code, err)
			}
			h.client.Vanish()
		})
	}
}

// Contract 3.9, 7.5: after a failed write, what the client still sends is
// offered, and its close frame decides. Messages that the network did not take
// are not counted as sent.
func TestReadingOnAfterAFailedWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group sockets.Group
		h, network := holdFailing(t,
			apptest.Silent(func(o *sockets.Options) { o.Group = &group }))
		network.left.Store(0)
		h.sender <- strings.Repeat("a", 20_000)
		for range 3 {
			time.Sleep(time.Second)
			h.client.Send(wstest.Text("later"))
		}
		h.client.Send(wstest.Close(1000, ""))

		err := <-h.ended

		if s := group.Stats(); err != nil || len(h.received) != 3 || s.MessagesOut != 0 ||
			s.MessagesIn != 3 {
			t.Errorf("error = %v, received %d, Stats() = %+v, want none, 3, nothing sent",
				err, len(h.received), s)
		}
		h.client.Vanish()
	})
}

// Contract 4.5: a ping that was sent is not sent again with the next message.
func TestPingIsSentOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hold(t,
			apptest.Silent(func(o *sockets.Options) { o.PingPeriod = 10 * time.Second }))
		if f := h.client.ReadFrame(); f.Opcode != wstest.OpPing {
			t.Errorf("first frame = %v, want a ping", f)
		}
		for range 5 {
			h.sender <- "a"
			if f := h.client.ReadFrame(); f.Opcode != wstest.OpText {
				t.Errorf("frame = %v, want the message", f)
			}
		}
		h.client.Vanish()
	})
}

// failing is a network that takes left more bytes, and then fails every write.
type failing struct {
	net.Conn
	left  atomic.Int64
	calls atomic.Int64
}

var errCable = errors.New("cable is cut")

func (f *failing) Write(p []byte) (int, error) {
	f.calls.Add(1)
	if f.left.Add(-int64(len(p))) >= 0 {
		return f.Conn.Write(p)
	}
	return 0, errCable
}

type failingListener struct {
	net.Listener
	left     int64
	accepted chan *failing
}

func (l failingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	f := &failing{Conn: conn}
	f.left.Store(l.left)
	l.accepted <- f
	return f, nil
}

// failedWriteTest is a row of TestFailedWrite.
type failedWriteTest struct {
	name string
	left int64 // how many bytes the network takes; a 101 has about 130
}

// Contract 4.1: a write that fails ends the connection with one error, and
// nothing is written after it. This includes the handshake's write.
func TestFailedWrite(t *testing.T) {
	t.Parallel()
	for _, test := range []failedWriteTest{
		{"handshake", 50},
		{"first message", 150},
		{"a later batch", 100_000},
	} {
		t.Run(test.name, test.run)
	}
}

func (test failedWriteTest) run(t *testing.T) {
	t.Parallel()
	told := make(chan []error, 1)
	listener := failingListener{wstest.ListenTCP(), test.left,
		make(chan *failing, 1)}
	handler := func(sender chan<- string, errs <-chan error, done <-chan bool) {
		var got []error
		for {
			select {
			case sender <- strings.Repeat("a", 1000):
			case err, ok := <-errs:
				if ok {
					got = append(got, err)
				}
			case <-done:
				told <- got
				return
			}
		}
	}
	server := wstest.Serve(t, listener,
		&http.Server{Handler: apptest.Messages(handler)})
	client := server.Connect()
	apptest.Handshake(func(r *http.Request) { r.Host = server.Host },
		apptest.Header("Origin", server.URL)).Write(client.Conn)
	conn := <-listener.accepted

	client.Drain()
	got := apptest.Next(t, "errors", told)

	if len(got) != 1 || !errors.Is(got[0], errCable) {
		t.Errorf("errors = %v, want the network's own, once", got)
	}
	if calls := conn.calls.Load(); test.left < 1000 && calls > test.left/50 {
		t.Errorf("writes = %d, want none after the one that failed", calls)
	}
}
