package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/mempipe"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/go-martini/martini"
)

// floodingClientTest is a row of TestFloodingClient.
type floodingClientTest struct {
	name    string
	trigger []byte
	ends    int // the code that the handler ends with; 0 for none
	code    int // 1006 means the end of the stream without a close frame
}

// Contract 3.5, 3.8, 4.2: a client that keeps sending still reads all queued
// messages and the close frame, however the connection ends. Over TCP a reset
// would destroy them.
func TestFloodingClient(t *testing.T) {
	violation := wstest.Bytes(wstest.Text("a").WithOpcode(3))
	end := wstest.Bytes(wstest.Text("end"))
	for _, test := range []floodingClientTest{
		{"protocol error", violation, 0, 1002},
		{"the handler ends it", end, 4000, 4000},
		{"without a close frame", end, 1006, 1006},
	} {
		t.Run(test.name, test.run)
	}
}

func (test floodingClientTest) run(t *testing.T) {
	sent := make(chan bool, 1)
	server := wstest.NewServer(t, apptest.Messages(sendTen(test.ends, sent)))
	for range 10 {
		client := server.Dial("/ws", nil)
		client.Send(wstest.Text("go"))
		apptest.Next(t, "sent", sent)
		var flood sync.WaitGroup
		flood.Go(func() { // ends after its last write, or when the server is gone
			client.Conn.Write(test.trigger)
			more := wstest.Bytes(wstest.Text(strings.Repeat("b", 1000)))
			for range 300 {
				client.Conn.Write(more)
			}
		})
		checkTen(t, client, test.code)
		flood.Wait()
		client.TrySend(wstest.Close(1000, ""))
		client.Conn.Close()
	}
}

// sendTen returns a handler that sends ten messages and reports it on sent.
// After one more message from the client it ends the connection with code, or
// lets the client end it if code is 0.
func sendTen(code int, sent chan<- bool) any {
	return func(receiver <-chan string, sender chan<- string, disconnect chan<- int,
		done <-chan bool) {
		<-receiver
		for i := range 10 {
			sender <- fmt.Sprint(i) + strings.Repeat("a", 1000)
		}
		sent <- true
		if code != 0 {
			<-receiver
			disconnect <- code
		}
		<-done
	}
}

// checkTen reads the ten messages and the end.
func checkTen(t *testing.T, client *wstest.Raw, want int) {
	t.Helper()
	for i := range 10 {
		f, err := client.NextFrame()
		if err != nil || f.Opcode != wstest.OpText ||
			string(f.Payload[:1]) != fmt.Sprint(i) {
			t.Fatalf("frame %d = %v, %v, want message %d", i, f, err, i)
		}
	}
	if want != 1006 {
		if code, _ := client.ReadClose(); code != want {
			t.Errorf("close code = %d, want %d", code, want)
		}
		return
	}
	if f, err := client.NextFrame(); err == nil {
		t.Errorf("after the messages came %v, want the end of the stream", f)
	}
}

// Contract 4.2: a violation found while a write is blocked ends the connection
// in a few seconds, and is the handler's error.
func TestViolationWhileBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var err error
		listener := wstest.Count(mempipe.Listen(0))
		handler := func(sender chan<- string, errs <-chan error) {
			sender <- "stalls"
			err = <-errs
		}
		server := wstest.Serve(t, listener,
			&http.Server{Handler: apptest.Messages(handler)})
		client := server.Dial("/ws", nil)
		conn := listener.Conn(t)
		conn.Stall()
		begin := time.Now()

		client.Send(wstest.Text("a").WithOpcode(3))
		client.Drain()

		if took := time.Since(begin); took > 6*time.Second {
			t.Errorf("the connection ended after %v, want about 5s", took)
		}
		synctest.Wait()
		if err == nil || apptest.IsTimeout(err) ||
			!strings.Contains(err.Error(), "protocol error") {
			t.Errorf("error = %v, want the violation", err)
		}
	})
}

// Contract 3.8: lingering takes at most a few seconds, whatever PongWait and
// WriteWait are.
func TestLingerIsBounded(t *testing.T) {
	for _, wait := range []time.Duration{time.Millisecond, time.Second, 5 * time.Second,
		time.Minute, -1} {
		apptest.Bubble(t, fmt.Sprint(wait), func(t *testing.T) {
			handler := func(disconnect chan<- int, done <-chan bool) {
				disconnect <- 1000
				<-done
			}
			server := wstest.NewMemoryServer(t,
				apptest.Messages(handler, func(o *sockets.Options) {
					o.PongWait = wait
				}), 0)
			client := server.Dial("/ws", nil)
			client.ReadClose()
			begin := time.Now()

			client.ReadEnd()

			if took := time.Since(begin); took != 5*time.Second {
				t.Errorf("the network connection was closed after %v, want 5s", took)
			}
		})
	}
}

// Contract 3.8: after its close frame the library reads on and discards, so
// that a client that is still sending reads everything.
func TestClientStillSending(t *testing.T) {
	handler := func(receiver <-chan string, sender chan<- string) {
		<-receiver
		for i := range 10 {
			sender <- fmt.Sprint(i) + strings.Repeat("a", 1000)
		}
	}
	server := wstest.NewServer(t, apptest.Messages(handler))
	for range 20 {
		client := server.Dial("/ws", nil)
		stop := make(chan bool)
		go func() {
			defer close(stop)
			m := wstest.Bytes(wstest.Text(strings.Repeat("b", 10000)))
			for range 300 {
				if _, err := client.Conn.Write(m); err != nil {
					return
				}
			}
		}()

		for i := range 10 {
			if _, got := client.ReadMessage(); string(got[:1]) != fmt.Sprint(i) {
				t.Fatalf("message %d = %q...", i, got[:10])
			}
		}
		code, _ := client.ReadClose()

		if code != 1000 {
			t.Errorf("close code = %d, want 1000", code)
		}
		<-stop
		client.Send(wstest.Close(1000, ""))
		client.ReadEnd()
	}
}

// Contract 3.8: the library waits a few seconds for a peer that does not answer
// the close frame, and no time after an answer. The handler gets done when the
// close frame is out.
func TestLinger(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer func(*wstest.Raw)
		min    time.Duration
		max    time.Duration
	}{
		{"answers", func(c *wstest.Raw) { c.Send(wstest.Close(1000, "")) }, 0, 0},
		{"goes", func(c *wstest.Raw) { c.Conn.Close() }, 0, 0},
		{"does nothing", func(*wstest.Raw) {}, time.Second, 10 * time.Second},
		{"only sends", func(c *wstest.Raw) {
			go func() {
				for range 15 {
					c.Conn.Write(wstest.Bytes(wstest.Text("a")))
					time.Sleep(time.Second)
				}
			}()
		}, time.Second, 10 * time.Second},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			took := make(chan time.Duration, 1)
			timed := func(c martini.Context) {
				begin := time.Now()
				c.Next()
				took <- time.Since(begin)
			}
			handler := func(disconnect chan<- int, done <-chan bool) {
				begin := time.Now()
				disconnect <- 1000
				<-done
				if wait := time.Since(begin); wait > 300*time.Millisecond {
					t.Errorf("done came after %v, want it when the close "+
						"frame is out", wait)
				}
			}
			server := wstest.NewMemoryServer(t,
				apptest.App(timed, apptest.Text(apptest.Silent()), handler), 0)
			client := server.Dial("/ws", nil)

			client.ReadClose()
			test.answer(client)

			if got := <-took; got < test.min || got > test.max {
				t.Errorf("the middleware returned after %v, want %v to %v", got, test.min,
					test.max)
			}
			time.Sleep(20 * time.Second)
		})
	}
}
