package sockets_test

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/mempipe"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/gorilla/websocket"
)

// Contract 3.2: what a hasty client sends in one packet with its handshake
// arrives like the rest, and is checked like the rest.
func TestEarlyFrames(t *testing.T) {
	hello, large := wstest.Bytes(wstest.Text("hello")),
		wstest.Bytes(wstest.Text(strings.Repeat("a", 20_000)))
	for _, test := range []struct {
		name     string
		early    []byte
		later    []byte
		received []string
		code     int // of the error
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
				handshake(func(r *http.Request) { r.Host = server.Host },
					header("Origin", server.URL)).Write(&request)

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

// Contract 3.4, 6: PongWait is exact: it begins when nothing is left to read, with
// the last byte, not the last message, and not before the library reads again.
func TestSilence(t *testing.T) {
	half := wstest.Bytes(wstest.Text("hello"))[:8]
	for _, test := range []struct {
		name   string
		client func(*wstest.Raw)
		busy   time.Duration // how long the handler takes nothing
		want   time.Duration // from the begin to the error
	}{
		{"from the begin", func(*wstest.Raw) {}, 0, 10 * time.Second},
		{"after a message",
			func(c *wstest.Raw) {
				time.Sleep(9 * time.Second)
				c.Send(wstest.Text("a"))
			}, 0, 19 * time.Second},
		{"after half a message",
			func(c *wstest.Raw) {
				time.Sleep(9 * time.Second)
				c.SendBytes(half)
			}, 0, 19 * time.Second},
		{"after single bytes", func(c *wstest.Raw) {
			for i := range half {
				time.Sleep(9 * time.Second)
				c.SendBytes(half[i : i+1])
			}
		}, 0, 82 * time.Second},
		{"after two, one soon after the other", func(c *wstest.Raw) {
			time.Sleep(6 * time.Second)
			c.Send(wstest.Ping(""))
			time.Sleep(time.Second)
			c.Send(wstest.Ping(""))
		}, 0, 17 * time.Second},
		{"while the handler is busy",
			func(c *wstest.Raw) {
				c.Send(wstest.Text("a"), wstest.Text("b"), wstest.Text("c"))
			}, time.Hour, time.Hour + 10*time.Second},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			var lasted time.Duration
			var err error
			handler := func(receiver <-chan string, errs <-chan error) {
				begin := time.Now()
				time.Sleep(test.busy)
				for err == nil {
					select {
					case <-receiver:
					case err = <-errs:
					}
				}
				lasted = time.Since(begin)
			}
			client := wstest.NewMemoryServer(t,
				apptest.Messages(handler, func(o *sockets.Options) {
					o.PongWait, o.RecvChannelBuffer = 10*time.Second, 1
				}), 0).Dial("/ws", nil)

			test.client(client)
			client.Wait = 2 * time.Hour
			client.Drain()
			synctest.Wait()

			if lasted != test.want || !apptest.IsTimeout(err) ||
				!strings.Contains(err.Error(), "nothing received for 10s") {
				t.Errorf("the connection lasted %v, error %v, want %v and a timeout",
					lasted, err, test.want)
			}
		})
	}
}

// Contract 6: a negative PongWait keeps a silent client, a negative PingPeriod
// sends no pings, a negative WriteWait waits for a network that takes nothing.
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
		// The handler has returned; what it had sent before is the last that is
		// waited for, and that is bounded.
		time.Sleep(59 * time.Second)
		conn.Resume()

		if _, got := client.ReadMessage(); string(got) != "hello" || pings != 0 {
			t.Errorf("after %d pings received %q, want none, hello", pings, got)
		}
	})
}

// Contract 6: WriteWait is for one write, which a whole batch is; many slow
// ones take longer.
func TestWriteWait(t *testing.T) {
	for _, test := range []struct {
		name string
		slow time.Duration
		want bool
	}{
		{"each in time", 2 * time.Second, true}, // a batch over 16 KiB is two of them
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
			time.Sleep(time.Second) // the handler was told
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

// failing is a network that takes n bytes more, and then fails every write.
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

// Contract 4.1: a write that fails, the handshake's included, ends the
// connection with one error, and nothing is written after it.
func TestFailedWrite(t *testing.T) {
	for _, test := range []struct {
		name string
		left int64 // what the network takes: a 101 has about 130 bytes
	}{
		{"handshake", 50},
		{"first message", 150},
		{"a later batch", 100_000},
	} {
		t.Run(test.name, func(t *testing.T) {
			wstest.NoLeaks(t)
			told := make(chan []error, 1)
			listener := failingListener{wstest.ListenTCP(t), test.left,
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
			client := wstest.Connect(t, server.URL)
			handshake(func(r *http.Request) { r.Host = server.Host },
				header("Origin", server.URL)).Write(client.Conn)
			conn := <-listener.accepted

			client.Drain()
			got := apptest.Next(t, "errors", told)

			if len(got) != 1 || !errors.Is(got[0], errCable) {
				t.Errorf("errors = %v, want the network's own, once", got)
			}
			if calls := conn.calls.Load(); test.left < 1000 && calls > test.left/50 {
				t.Errorf("writes = %d, want none after the one that failed", calls)
			}
		})
	}
}

// Contract 6: MaxMessageSize is for both directions, off where it is negative.
func TestMaxMessageSize(t *testing.T) {
	for _, test := range []struct {
		name  string
		limit int64
		size  int
		want  bool
	}{
		{"default", 0, 65536, true},
		{"over the default", 0, 65537, false},
		{"given", 10, 10, true},
		{"over the given", 10, 11, false},
		{"none", -1, 1 << 20, true},
		{"the largest", 1<<63 - 1, 1 << 20, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			limited := apptest.Silent(func(o *sockets.Options) {
				o.MaxMessageSize = test.limit
			})
			echo := func(receiver <-chan []byte, p chan<- *sockets.Prepared,
				errs <-chan error) {
				select {
				case m := <-receiver:
					p <- sockets.PrepareBytes(m)
				case <-errs:
				}
			}
			send := func(sender chan<- []byte) { sender <- make([]byte, test.size) }
			in := sizeOf(t, apptest.App(sockets.ByteSliceMessages(limited), echo),
				test.size)
			out := sizeOf(t, apptest.App(sockets.ByteSliceMessages(limited), send), 0)

			if in != out || in != map[bool]int{true: test.size, false: -1}[test.want] {
				t.Errorf("MaxMessageSize %d lets %d bytes in and %d out of %d",
					test.limit, in, out, test.size)
			}
		})
	}
}

// sizeOf sends a message of size and gives the size of the one that comes back,
// -1 where that is a close frame.
func sizeOf(t *testing.T, h http.Handler, size int) (got int) {
	synctest.Test(t, func(t *testing.T) {
		client := wstest.NewMemoryServer(t, h, 1<<22).Dial("/ws", nil)
		client.Send(wstest.Binary(make([]byte, size)))
		frame := client.ReadFrame()
		if got = len(frame.Payload); frame.Opcode == wstest.OpClose {
			got = -1
		}
	})
	return got
}

// Contract 4.2: a client that goes on sending behind a violation is read to its
// end, and told why, whatever it sends.
func TestSendingOnBehindAViolation(t *testing.T) {
	for _, violation := range []wstest.Frame{
		wstest.CloseRaw([]byte{3}), wstest.Text("a").Claiming(1 << 63),
		wstest.Ping("").WithRsv(wstest.Rsv1),
		wstest.Text("a").WithLength(wstest.Length64),
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
