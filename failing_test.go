package sockets_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/mempipe"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// holdFailing is hold on a network whose writes fail when the test says so.
// What the client sends still comes.
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

// Contract 4.1: a failure of the network is told before one of a message that
// waits with it.
func TestNetworkFailsBeforeAMessage(t *testing.T) {
	for _, code := range []int{0, 4000} { // the handler's, unless 0
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

			// An end that the handler asked for is regular, whatever becomes of
			// the flush.
			if code == 0 && !errors.Is(err, errCable) || code != 0 && err != nil {
				t.Errorf("code %d: error = %v, want the network's", code, err)
			}
			h.client.Vanish()
		})
	}
}

// Contract 3.9, 7.5: after a write that has failed, what the client goes on to
// send is offered, and its close frame decides. What the network did not take
// does not count as sent.
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
