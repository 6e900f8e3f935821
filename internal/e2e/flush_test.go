package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/mempipe"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// held is a connection whose handler gives its channels to the test.
type held struct {
	sending
	client *wstest.Raw
	conn   *wstest.Conn // the server's end
	group  *sockets.Group
	handed chan sending
	// received gets what the handler takes. The handler takes nothing if it is nil.
	received chan string
	ended    chan error // the handler's error
}

// hold opens a connection in a bubble.
func hold(t *testing.T, o *sockets.Options) *held {
	listener := wstest.Count(mempipe.Listen(1 << 22))
	h := new(held)
	server := serveHeld(t, listener, o, h)
	h.client = server.Dial("/ws", nil)
	h.client.Wait = time.Hour
	h.sending, h.conn = <-h.handed, listener.Conn(t)
	return h
}

// serveHeld serves a connection for h. Its handler takes messages only if
// h.received is set.
func serveHeld(
	t *testing.T, l *wstest.Listener, o *sockets.Options, h *held,
) *wstest.Server {
	h.group = o.Group
	h.handed, h.ended = make(chan sending, 1), make(chan error, 1)
	handler := func(receiver <-chan string, sender chan<- string,
		prepared chan<- *sockets.Prepared, disconnect chan<- int,
		done <-chan bool,
		errs <-chan error, c *sockets.Connection) {
		h.handed <- sending{sender, prepared, disconnect, done, c}
		if h.received == nil {
			receiver = nil
		}
		for {
			select {
			case m := <-receiver:
				h.received <- m
			case err := <-errs:
				<-done
				h.ended <- err
				return
			}
		}
	}
	return wstest.Serve(t, l,
		&http.Server{Handler: apptest.App(apptest.Text(o), handler)})
}

// stall blocks the writer in a write, until conn.Resume.
func (h *held) stall() {
	h.conn.Stall()
	h.sender <- "stalls"
	synctest.Wait()
}

// frames returns what the client reads, up to the close frame.
func (h *held) frames() (got []string) {
	for {
		f := h.client.ReadFrame()
		if f.Opcode == wstest.OpClose {
			h.client.Vanish()
			return append(got, f.String())
		}
		got = append(got, string(f.Payload))
	}
}

// Contract 1.8: others can move the write deadline of the network connection away. A write
// to a stalled client ends nevertheless, before the end and after it.
func TestDeadlineMovedAway(t *testing.T) {
	for _, code := range []int{0, 4000} { // that the handler sends; 0 for none
		apptest.Bubble(t, fmt.Sprint(code), func(t *testing.T) {
			h := hold(t, apptest.Silent(func(o *sockets.Options) {
				o.WriteWait, o.PingPeriod = 5*time.Second, time.Second
			}))
			h.stall()
			begin := time.Now()
			if code != 0 {
				h.disconnect <- code
				synctest.Wait()
			}
			h.conn.SetWriteDeadline(time.Time{})
			err := <-h.ended
			if took := time.Since(begin); (err == nil) != (code != 0) || took > 6*time.Second {
				t.Errorf("the end came after %v, with %v, want it after 5s or a little more",
					took, err)
			}
			h.client.Vanish()
		})
	}
}

// Contract 3.5, 4.2: a flush may take WriteWait. If the client has ended the
// connection, it may take at most five seconds, however many writes there are.
func TestFlushTime(t *testing.T) {
	code := func(h *held) { h.disconnect <- 4000 }
	closes := func(h *held) { h.client.Send(wstest.Close(1000, "")) }
	violates := func(h *held) { h.client.Send(wstest.Text("a").WithOpcode(3)) }
	shuts := func(h *held) { go h.group.Shutdown(context.Background()) }
	for _, test := range []struct {
		name      string
		writeWait time.Duration
		end       func(*held)
		want      time.Duration
	}{
		{"handler", 10 * time.Second, code, 10 * time.Second},
		{"handler, no WriteWait", -1, code, time.Minute},
		{"server", 10 * time.Second, shuts, 10 * time.Second},
		{"client", 10 * time.Second, closes, 5 * time.Second},
		{"client, short WriteWait", 2 * time.Second, closes, 2 * time.Second},
		{"violation", 10 * time.Second, violates, 5 * time.Second},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			h := hold(t, apptest.Silent(func(o *sockets.Options) {
				o.WriteWait, o.SendChannelBuffer, o.Group = test.writeWait, 200,
					new(sockets.Group)
			}))
			h.conn.Slow(400 * time.Millisecond)
			for range 200 {
				h.sender <- strings.Repeat("a", 20_000)
			}
			begin := time.Now()

			test.end(h)
			h.client.Drain()

			if took := time.Since(begin); took != test.want {
				t.Errorf("the flush took %v, want %v", took, test.want)
			}
		})
	}
}

// Contract 3.5, 3.8: if the close frame itself cannot be written in time, the network
// connection is closed at once: nobody waits for an answer to it.
func TestCloseFrameIsNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hold(t, apptest.Silent(func(o *sockets.Options) {
			o.WriteWait, o.Group = time.Second, new(sockets.Group)
		}))
		h.conn.Stall()
		begin := time.Now()
		h.disconnect <- 4000
		<-h.ended
		for synctest.Wait(); h.group.Len() > 0; synctest.Wait() {
			time.Sleep(time.Millisecond)
		}
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("the network connection was closed after %v, want a little over 1s", took)
		}
		h.client.Vanish()
	})
}

// Contract 3.5: the flush does not wait for messages sent after the end.
func TestSendingOnAfterTheEnd(t *testing.T) {
	for _, name := range []string{"sender", "prepared"} {
		apptest.Bubble(t, name, func(t *testing.T) {
			h := hold(t,
				apptest.Silent(func(o *sockets.Options) { o.SendChannelBuffer = 4 }))
			h.conn.Slow(400 * time.Millisecond)
			big := strings.Repeat("a", 20_000)
			send := func() { h.sender <- big }
			if name == "prepared" {
				p := apptest.Prepared(t, big)
				send = func() { h.prepared <- p }
			}
			over := make(chan struct{})
			for range 4 {
				send()
			}
			h.disconnect <- 4000
			go func() {
				defer close(over)
				for len(h.ended) == 0 {
					send()
					time.Sleep(time.Millisecond)
				}
			}()

			got := h.frames()

			if n := len(got) - 1; n > 20 || !strings.Contains(got[n], "4000") {
				t.Errorf("%d messages came, then %s, want at most 20 and 4000", n, got[n])
			}
			<-over
		})
	}
}

// flushOrderTest is a row of TestFlushOrder.
type flushOrderTest struct {
	name  string
	wait  func(*testing.T, *held) // while the writer is stalled
	want  []string
	check func(error) bool
}

// Contract 4.1, 4.2, 4.5: what waits when the connection ends. Pongs that are
// owed go out before the close frame. After a message that cannot be sent no
// other message goes out. The earlier reason for the end stays.
func TestFlushOrder(t *testing.T) {
	invalid := func(err error) bool { return errors.Is(err, sockets.ErrInvalidUTF8) }
	for _, test := range []flushOrderTest{
		{"a pong is owed", func(_ *testing.T, h *held) {
			h.client.Send(wstest.Ping("1"), wstest.Ping("2"))
			synctest.Wait()
			h.disconnect <- 4000
		}, []string{"stalls", "1", "2", "4000"},
			func(err error) bool { return err == nil }},
		{"a pong is owed, a message cannot be sent", func(_ *testing.T, h *held) {
			h.client.Send(wstest.Ping("1"))
			h.sender <- "bad \xff"
		}, []string{"stalls", "1", "1011"}, invalid},
		{"messages after one that cannot be sent", func(t *testing.T, h *held) {
			h.sender <- "bad \xff"
			h.sender <- "after"
			h.prepared <- apptest.Prepared(t, "after")
			h.disconnect <- 1000
		}, []string{"stalls", "1011"}, invalid},
		{"a prepared message after one that cannot be sent", func(t *testing.T, h *held) {
			h.sender <- "bad \xff"
			h.prepared <- apptest.Prepared(t, "after")
			h.disconnect <- 1000
		}, []string{"stalls", "1011"}, invalid},
		{"a violation before a message that cannot be sent", func(_ *testing.T, h *held) {
			h.sender <- "bad \xff"
			h.client.Send(wstest.Text("a").WithOpcode(3))
		}, []string{"stalls", "1002"},
			func(err error) bool { return err != nil && !invalid(err) }},
	} {
		t.Run(test.name, test.run)
	}
}

func (test flushOrderTest) run(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			h := hold(t, apptest.Silent())
			h.stall()
			test.wait(t, h)
			synctest.Wait()
			h.conn.Resume()

			got := h.frames()

			err := <-h.ended
			n := len(got) - 1
			if !slices.Equal(got[:n], test.want[:len(test.want)-1]) ||
				!strings.Contains(got[n], test.want[len(test.want)-1]) ||
				!test.check(err) {
				t.Errorf("received %q, error %v, want %q", got, err, test.want)
			}
		})
	}
}

// Contract 4.2, 6: a silent client that does not read either is not kept any
// longer than other silent clients.
func TestSilentAndStalled(t *testing.T) {
	for _, writeWait := range []time.Duration{time.Minute, -1} {
		synctest.Test(t, func(t *testing.T) {
			h := hold(t,
				apptest.Silent(func(o *sockets.Options) {
					o.PongWait, o.WriteWait = 5*time.Second, writeWait
				}))
			begin := time.Now()
			h.stall()

			err := <-h.ended

			if took := time.Since(begin); took != 5*time.Second ||
				!apptest.IsTimeout(err) {
				t.Errorf("WriteWait %v: the connection ended after %v, error %v, want "+
					"5s and a timeout", writeWait, took, err)
			}
		})
	}
}

// Contract 3.8: after a failed flush the library waits for nothing.
func TestFailedFlushIsTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hold(t,
			apptest.Silent(func(o *sockets.Options) { o.WriteWait = 2 * time.Second }))
		begin := time.Now()
		h.stall()
		h.disconnect <- 4000

		h.client.Drain()

		if took := time.Since(begin); took != 2*time.Second {
			t.Errorf("the network connection was closed after %v, want 2s", took)
		}
	})
}

// Contract 4.4: without a close frame, the end of the stream tells the client at once.
func TestEndWithoutCloseFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hold(t, apptest.Silent())
		begin := time.Now()
		h.disconnect <- 1006

		f, err := h.client.NextFrame()

		if took := time.Since(begin); err == nil || took != 0 {
			t.Errorf("NextFrame() = %v, %v after %v, want the end of the stream at once",
				f, err, took)
		}
		h.client.Vanish()
	})
}
