package e2e

import (
	"bytes"
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
	"github.com/gorilla/websocket"
)

// Contract 3.2: frames that a hasty client sends in one packet with its
// handshake arrive and are checked like any others.
func TestEarlyFrames(t *testing.T) {
	hello, large := wstest.Bytes(wstest.Text("hello")),
		wstest.Bytes(wstest.Text(strings.Repeat("a", 20_000)))
	for _, test := range []struct {
		name     string
		early    []byte
		later    []byte
		received []string
		code     int // the code in the error
	}{
		{"nothing", nil, hello, []string{"hello"}, 0},
		{"a message", hello, nil, []string{"hello"}, 0},
		{"a message, and one later", hello, hello, []string{"hello", "hello"}, 0},
		{"half a header", hello[:1], hello[1:], []string{"hello"}, 0},
		{"half a mask", hello[:4], hello[4:], []string{"hello"}, 0},
		{"half a message", hello[:8], hello[8:], []string{"hello"}, 0},
		{"more than a buffer", slices.Concat(hello, large), hello,
			[]string{"hello", strings.Repeat("a", 20_000), "hello"}, 0},
		{"a close frame", wstest.Bytes(wstest.Text("hello"), wstest.Close(4000, "")), nil,
			[]string{"hello"}, 4000},
		{"a violation", wstest.Bytes(wstest.Text("hello"), wstest.CloseRaw([]byte{3})),
			nil, []string{"hello"}, 0},
	} {
		for _, upgrader := range []*websocket.Upgrader{nil, {ReadBufferSize: 300}} {
			apptest.Bubble(t, test.name, func(t *testing.T) {
				handler, outcomes := apptest.UntilDone()
				server := wstest.NewMemoryServer(t,
					apptest.Messages(handler, func(o *sockets.Options) {
						o.Upgrader = upgrader
					}), 1<<20)
				client := server.Connect()
				var request bytes.Buffer
				apptest.Handshake(func(r *http.Request) { r.Host = server.Host },
					apptest.Header("Origin", server.URL)).Write(&request)

				client.Conn.Write(append(request.Bytes(), test.early...))
				time.Sleep(time.Second)
				client.Conn.Write(test.later)
				time.Sleep(time.Second)
				client.Vanish()

				got := <-outcomes
				if !slices.Equal(got.Received, test.received) || test.code != 0 &&
					apptest.CloseCode(got.Err) != test.code {
					t.Errorf("received %.20q, then %v, want %.20q, then %d", got.Received,
						got.Err, test.received, test.code)
				}
			})
		}
	}
}

// Contract 6: a negative PongWait keeps a silent client, a negative PingPeriod
// sends no pings, and a negative WriteWait waits for a network that takes nothing.
func TestUnlimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := wstest.Count(mempipe.Listen(0))
		handler := func(receiver <-chan string, sender chan<- string) {
			sender <- <-receiver
		}
		server := wstest.Serve(t, listener,
			&http.Server{Handler: apptest.Messages(handler, func(o *sockets.Options) {
				o.PongWait, o.PingPeriod, o.WriteWait = -1, -1, -1
			})})
		client := server.Dial("/ws", nil)
		conn := listener.Conn(t)
		before := conn.Writes()

		time.Sleep(1000 * time.Hour)
		synctest.Wait()
		pings := conn.Writes() - before
		conn.Stall()
		client.Send(wstest.Text("hello"))
		// The handler has returned. The library only waits for what it sent
		// before, and that wait has a limit.
		time.Sleep(59 * time.Second)
		conn.Resume()

		if _, got := client.ReadMessage(); string(got) != "hello" || pings != 0 {
			t.Errorf("after %d pings received %q, want none, hello", pings, got)
		}
	})
}

// Contract 6: WriteWait limits one write, which is a whole batch. Many slow
// writes may take longer.
func TestWriteWait(t *testing.T) {
	for _, test := range []struct {
		name string
		slow time.Duration
		want bool
	}{
		{"each in time", 2 * time.Second, true}, // a batch over 16 KiB takes two writes
		{"one too slow", 6 * time.Second, false},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			var err error
			listener := wstest.Count(mempipe.Listen(0))
			handler := func(receiver <-chan string, sender chan<- string,
				errs <-chan error,
				done <-chan bool) {
				<-receiver
				for range 20 {
					sender <- strings.Repeat("a", 10_000)
				}
				err = <-errs
				<-done
			}
			server := wstest.Serve(t, listener,
				&http.Server{Handler: apptest.Messages(handler, func(o *sockets.Options) {
					o.WriteWait, o.PongWait = 5*time.Second, -1
				})})
			client := server.Dial("/ws", nil)
			conn := listener.Conn(t)
			conn.Slow(test.slow)
			begin := time.Now()
			client.Send(wstest.Text("go"))

			client.Wait = time.Hour
			received := 0
			for range 20 {
				if _, err := client.NextFrame(); err == nil {
					received++
				}
			}
			took := time.Since(begin)
			client.Vanish()
			time.Sleep(time.Second) // until the handler has the error
			synctest.Wait()

			if (received == 20) != test.want || !test.want &&
				(took.Truncate(time.Second) != 5*time.Second || !apptest.IsTimeout(err) ||
					!strings.Contains(err.Error(), "a write took over 5s")) ||
				test.want && took < 20*time.Second {
				t.Errorf("received %d of 20 messages in %v, error %v, want all: %v",
					received, took, err, test.want)
			}
		})
	}
}

// Contract 4.2: a client that keeps sending after a violation is read to its
// end, and receives the reason.
func TestSendingOnBehindAViolation(t *testing.T) {
	for _, violation := range []wstest.Frame{
		wstest.CloseRaw([]byte{3}), wstest.Text("a").Claiming(1 << 63),
		wstest.Ping("").WithRsv(wstest.Rsv1),
		wstest.Text("a").WithLength(8),
	} {
		apptest.Bubble(t, violation.String(), func(t *testing.T) {
			client := wstest.NewMemoryServer(t, apptest.Messages(apptest.WaitForDone),
				0).Dial("/ws", nil)

			client.Send(violation)
			for range 30 {
				synctest.Wait()
				client.Send(wstest.Text("more"))
			}

			if code, _ := client.ReadClose(); code != 1002 {
				t.Errorf("close code = %d, want 1002", code)
			}
		})
	}
}
