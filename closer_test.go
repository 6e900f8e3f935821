package sockets_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"math"
	"net"
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
	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/go-martini/martini"
	"github.com/gorilla/websocket"
)

// sending is what a handler has to send with, and to end with.
type sending struct {
	sender     chan<- string
	prepared   chan<- *sockets.Prepared
	disconnect chan<- int
	done       <-chan bool
	connection *sockets.Connection
}

// endings are the ways in which a handler ends a connection.
var endings = []struct {
	name string
	end  func(sending)
	code int
}{
	{"disconnect",
		func(s sending) {
			s.disconnect <- websocket.CloseServiceRestart
			<-s.done
		}, 1012},
	{"disconnect, return", func(s sending) { s.disconnect <- 4321 }, 4321},
	{"disconnect twice",
		func(s sending) {
			s.disconnect <- 4000
			s.disconnect <- 4001
			s.disconnect <- 4002
			<-s.done
		}, 4000},
	{"return", func(sending) {}, 1000},
	{"close the sender", func(s sending) { close(s.sender); <-s.done }, 1000},
	{"close the sender, return", func(s sending) { close(s.sender) }, 1000},
	{"code, close the sender",
		func(s sending) { s.disconnect <- 4000; close(s.sender); <-s.done }, 4000},
	{"close the channel of prepared messages",
		func(s sending) { close(s.prepared); <-s.done }, 1000},
	{"Connection.Close, return", func(s sending) { s.connection.Close(4100, "reason") },
		4100},
	{"panic", func(sending) { panic("a panic of the test") }, 1011},
}

// Contract 3.5, 3.6, 4.4: whatever way a handler ends a connection, what it had
// sent goes out first, then the close frame.
func TestHandlerEnds(t *testing.T) {
	for _, test := range endings {
		for _, buffer := range []int{0, -1, 100} {
			apptest.Bubble(t, fmt.Sprintf("%s, buffer %d", test.name, buffer),
				func(t *testing.T) {
					handler := func(sender chan<- string, prepared chan<- *sockets.Prepared,
						disconnect chan<- int, done <-chan bool,
						c *sockets.Connection) {
						for i := range 20 {
							sender <- fmt.Sprint(i)
						}
						prepared <- apptest.Prepared(t, "prepared")
						test.end(sending{sender, prepared, disconnect, done, c})
					}
					client := socketstest.Dial(t,
						apptest.Messages(handler, func(o *sockets.Options) {
							o.SendChannelBuffer = buffer
						}), "/ws")

					got, end := apptest.All(client)

					typed := strings.Join(without(got, "prepared"), " ")
					want := "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19"
					if typed != want || len(got) != 21 ||
						apptest.CloseCode(end) != test.code {
						t.Errorf("received %q and %v, want %q, a prepared message and %d",
							got, end, want, test.code)
					}
				})
		}
	}
}

func without(list []string, item string) (rest []string) {
	for _, s := range list {
		if s != item {
			rest = append(rest, s)
		}
	}
	return rest
}

// Contract 4.4: codes that must not be on the wire never are.
func TestDisconnectCodes(t *testing.T) {
	for _, test := range []struct {
		codes []int
		sent  int // 1005: a close frame without a code; 1006: no close frame
		warns bool
	}{
		{codes: []int{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013,
			1014, 3000, 3999, 4000, 4999}},
		{codes: []int{1005}, sent: 1005},
		{codes: []int{1006}, sent: 1006},
		{codes: []int{-1, 0, 1, 200, 999, 1004, 1015, 1016, 1100, 2999, 5000, 65535,
			65536 + 1000, math.MaxInt32}, sent: 1011, warns: true},
	} {
		for _, code := range test.codes {
			apptest.Bubble(t, fmt.Sprint(code), func(t *testing.T) {
				var lines bytes.Buffer
				o := &sockets.Options{Logger: log.New(&lines, "", 0),
					LogLevel: sockets.LogLevelWarning}
				handler := func(sender chan<- string, disconnect chan<- int,
					done <-chan bool) {
					sender <- "before"
					disconnect <- code
					<-done
				}
				server := wstest.NewMemoryServer(t,
					apptest.App(sockets.Messages(o), handler), 0)
				client := server.Dial("/ws", nil)

				client.ReadFrame()
				got, err := 1006, error(nil)
				if f, frameErr := client.NextFrame(); frameErr == nil {
					got, _, err = f.CloseCode()
				}
				client.Conn.Close()
				time.Sleep(time.Second)
				synctest.Wait()

				want := test.sent
				if want == 0 {
					want = code
				}
				if got != want || err != nil ||
					strings.HasPrefix(lines.String(), "[Warning]") != test.warns {
					t.Errorf("close code = %d, %v, log %q, want %d, warning %t", got, err,
						lines.String(), want, test.warns)
				}
			})
		}
	}
}

// Contract 4.4: a reason is cut to 123 bytes at a rune boundary.
func TestReasons(t *testing.T) {
	for _, test := range []struct {
		name, reason, want string
	}{
		{"none", "", ""},
		{"short", "bye", "bye"},
		{"fits", strings.Repeat("a", 123), strings.Repeat("a", 123)},
		{"too long", strings.Repeat("a", 124), strings.Repeat("a", 123)},
		{"a rune over the end", strings.Repeat("a", 122) + "é", strings.Repeat("a", 122)},
		{"runes of three bytes", strings.Repeat("€", 42), strings.Repeat("€", 41)},
		{"runes of four bytes", strings.Repeat("😀", 31), strings.Repeat("😀", 30)},
		{"not UTF-8", "abc\xff", ""},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			server := wstest.NewMemoryServer(t,
				apptest.Messages(func(c *sockets.Connection) {
					c.Close(4000, test.reason)
				}), 0)
			client := server.Dial("/ws", nil)

			code, reason := client.ReadClose()

			if code != 4000 || reason != test.want {
				t.Errorf("close frame = %d, %q, want 4000, %q", code, reason, test.want)
			}
		})
	}
}

// Contract 4.4: a peer's close frame is answered once, with its own code, and
// nothing follows.
func TestPeerCloses(t *testing.T) {
	for _, test := range []struct {
		frame   wstest.Frame
		code    int
		regular bool
	}{
		{wstest.CloseRaw(nil), 1005, true},
		{wstest.Close(1000, "bye"), 1000, true},
		{wstest.Close(1001, ""), 1001, true},
		{wstest.Close(1003, ""), 1003, false},
		{wstest.Close(4242, "odd\n"), 4242, false},
	} {
		apptest.Bubble(t, test.frame.String(), func(t *testing.T) {
			handler, outcomes := apptest.UntilDone()
			server := wstest.NewMemoryServer(t, apptest.Messages(handler), 0)
			client := server.Dial("/ws", nil)

			client.Send(test.frame, test.frame, wstest.Text("after"))

			code, _ := client.ReadClose()
			end := client.ReadEnd()
			o := <-outcomes
			if code != test.code || end == nil {
				t.Errorf("answer = %d, then %v, want %d and the end", code, end,
					test.code)
			}
			if test.regular != (o.Err == nil) || !test.regular &&
				apptest.CloseCode(o.Err) != test.code || o.Received != nil {
				t.Errorf("error = %v, received %q, want a *CloseError of %d unless "+
					"regular", o.Err, o.Received, test.code)
			}
		})
	}
}

// Contract 3.8: after its close frame the library reads on, discarding, so that
// a client that is still sending reads everything.
func TestClientStillSending(t *testing.T) {
	wstest.NoLeaks(t)
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

// Contract 3.8: a peer that does not answer the close frame is waited for for
// some seconds, and one that answers for no time. The handler is told when the
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
				apptest.App(timed, sockets.Messages(apptest.Silent()), handler), 0)
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

// Contract 3.9: what the client sent before it closed is offered first; done
// comes when the receiver is empty, or was left alone for a quarter of a second.
func TestOfferedBeforeDone(t *testing.T) {
	for _, test := range []struct {
		name  string
		pause time.Duration // of the handler before each message
		reads int
		done  time.Duration // from the client's close
	}{
		{"quick", 0, 9, 0},
		{"slow", 200 * time.Millisecond, 9, 9 * 200 * time.Millisecond},
		{"gives up", 0, 4, 250 * time.Millisecond},
		{"never reads", 0, 0, 250 * time.Millisecond},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			var got []string
			took := make(chan time.Duration, 1)
			handler := func(receiver <-chan string, done <-chan bool) {
				begin := time.Now()
				for range test.reads {
					time.Sleep(test.pause)
					got = append(got, <-receiver)
				}
				if !<-done {
					t.Error("done gave false, want true first")
				}
				took <- time.Since(begin)
				if v, open := <-done; v || open {
					t.Error("done is not closed")
				}
			}
			client := socketstest.Dial(t, apptest.Messages(handler), "/ws")
			for i := range 9 {
				client.WriteMessage(websocket.TextMessage, fmt.Append(nil, i))
			}
			client.WriteControl(websocket.CloseMessage, nil, time.Time{})

			wait := <-took

			// The library looks again and again whether the receiver is empty:
			// it may find out some time later.
			if len(got) != test.reads || wait < test.done ||
				wait > test.done+50*time.Millisecond {
				t.Errorf("received %d messages, done after %v, want %d and %v", len(got),
					wait, test.reads, test.done)
			}
		})
	}
}

// Contract 3.9, 4.1: the error, then done, then both are closed; a handler that
// selects on both sees the error first, even when it is busy as both come.
func TestErrorBeforeDone(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			var order []string
			handler := func(receiver <-chan *struct{}, done <-chan bool,
				errs <-chan error) {
				for {
					select {
					case <-receiver:
						time.Sleep(100 * time.Millisecond)
					case err, ok := <-errs:
						order = append(order, fmt.Sprint("error ", err != nil, ok))
					case v := <-done:
						order = append(order, fmt.Sprint("done ", v))
						_, open := <-errs
						order = append(order, fmt.Sprint("open ", open))
						return
					}
				}
			}
			client := socketstest.Dial(t,
				apptest.App(sockets.JSON(struct{}{}, apptest.Silent()), handler), "/ws")
			client.WriteMessage(websocket.TextMessage, []byte(`{}`))
			client.WriteMessage(websocket.TextMessage, []byte(`{`))

			client.ReadMessage()
			time.Sleep(time.Second)
			synctest.Wait()

			got := strings.Join(order, ", ")
			if want := "error true true, done true, open false"; got != want {
				t.Errorf("order = %s, want %s", got, want)
			}
		})
	}
}

// Contract 3.9, 4.1: a handler of the original that is busy when the connection
// ends regularly, and logs what comes from errors, is not given a nil error:
// both channels are closed when it has taken done.
func TestNoNilError(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			handler := func(receiver <-chan string, done <-chan bool, errs <-chan error) {
				for {
					select {
					case <-receiver:
						time.Sleep(100 * time.Millisecond)
					case err := <-errs:
						t.Errorf("error = %v, want none", err)
					case <-done:
						return
					}
				}
			}
			client := socketstest.Dial(t, apptest.Messages(handler), "/ws")
			client.WriteMessage(websocket.TextMessage, nil)
			client.WriteControl(websocket.CloseMessage, nil, time.Time{})

			client.ReadMessage()
			time.Sleep(time.Second)
		})
	}
}

// Contract 3.10: after the end nothing blocks, until the handler has returned.
func TestNothingBlocksAfterTheEnd(t *testing.T) {
	for _, end := range []string{"peer", "vanished", "handler", "stalled"} {
		for _, buffer := range []int{0, -1} {
			apptest.Bubble(t, fmt.Sprint(end, buffer), func(t *testing.T) {
				sent := make(chan int, 1)
				handler := func(sender chan<- string, prepared chan<- *sockets.Prepared,
					disconnect chan<- int, done <-chan bool) {
					if end == "handler" {
						disconnect <- 1000
					}
					if end == "stalled" {
						for range 100 {
							sender <- strings.Repeat("a", 1000)
						}
					}
					<-done
					for i := range 1000 {
						sender <- "a"
						prepared <- apptest.Prepared(t, "b")
						disconnect <- 4000 + i
					}
					sent <- 1000
				}
				server := socketstest.NewServer(t,
					apptest.Messages(handler, func(o *sockets.Options) {
						o.SendChannelBuffer = buffer
					}))
				server.Buffer = 1024
				client, _, err := server.Dial("/ws", nil)
				if err != nil {
					t.Fatal(err)
				}

				switch end {
				case "peer":
					client.WriteControl(websocket.CloseMessage, nil, time.Time{})
				case "vanished":
					client.Close()
				}

				if got := <-sent; got != 1000 {
					t.Errorf("sent = %d, want 1000", got)
				}
			})
		}
	}
}

// Contract 3.10: a closed sender does not make the rest block.
func TestNothingBlocksAfterTheSenderIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		finished := make(chan bool, 1)
		handler := func(sender chan<- string, prepared chan<- *sockets.Prepared,
			disconnect chan<- int, done <-chan bool) {
			close(sender)
			close(prepared)
			<-done
			for i := range 100 {
				disconnect <- i
			}
			close(disconnect)
			time.Sleep(time.Second)
			finished <- true
		}
		client := socketstest.Dial(t, apptest.Messages(handler), "/ws")
		client.ReadMessage()
		<-finished
	})
}

// Contract 3.11: a request context that ends closes with 1001, after what was
// sent before.
func TestRequestContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base, cancel := context.WithCancelCause(t.Context())
		reason := errors.New("the reason")
		var cause, err error
		handler := func(ctx context.Context, sender chan<- string, errs <-chan error) {
			for range 5 {
				sender <- "a"
			}
			cancel(reason)
			err = <-errs
			cause = context.Cause(ctx)
		}
		server := socketstest.NewServer(t, apptest.Messages(handler))
		server.Config.BaseContext = func(net.Listener) context.Context { return base }
		client, _, dialErr := server.Dial("/ws", nil)
		if dialErr != nil {
			t.Fatal(dialErr)
		}

		got, end := apptest.All(client)
		time.Sleep(time.Second)
		synctest.Wait()

		if len(got) != 5 || apptest.CloseCode(end) != 1001 || err != nil ||
			!errors.Is(cause, reason) {
			t.Errorf("received %d messages and %v, error %v, cause %v, want 5, 1001, "+
				"no error, the context's cause", len(got), end, err, cause)
		}
	})
}

// Contract 2: the injected context is cancelled when the connection ends, and
// its cause says why.
func TestContextCause(t *testing.T) {
	for _, test := range []struct {
		name   string
		end    func(client *websocket.Conn)
		handle func(disconnect chan<- int)
		code   int
	}{
		{name: "peer, regular", end: func(c *websocket.Conn) {
			c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1001, ""),
				time.Time{})
		}, code: 1001},
		{name: "peer, other code", end: func(c *websocket.Conn) {
			c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(4000, ""),
				time.Time{})
		}, code: 4000},
		{name: "peer vanished", end: func(c *websocket.Conn) { c.Close() }, code: 1006},
		{name: "handler", handle: func(disconnect chan<- int) { disconnect <- 4001 },
			code: 4001},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			causes := make(chan error, 1)
			handler := func(ctx context.Context, disconnect chan<- int) {
				if test.handle != nil {
					test.handle(disconnect)
				}
				<-ctx.Done()
				causes <- context.Cause(ctx)
			}
			client := socketstest.Dial(t, apptest.Messages(handler), "/ws")

			if test.end != nil {
				test.end(client)
			}
			client.ReadMessage()

			if cause := <-causes; apptest.CloseCode(cause) != test.code {
				t.Errorf("cause = %v, want a *CloseError of %d in it", cause, test.code)
			}
		})
	}
}

// Contract 3.7: a panic in the handler, or Martini's for what cannot be
// injected, closes with 1011 and goes on to Recovery.
func TestHandlerPanics(t *testing.T) {
	for _, test := range []struct {
		name    string
		handler martini.Handler
	}{
		{"in the handler", func() { panic("oops") }},
		{"by the runtime",
			func(list []int) func() { return func() { _ = list[0] } }(nil)},
		{"not injectable", func(http.FileSystem, chan<- *http.Cookie) {}},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			var recovered any
			guard := func(c martini.Context) {
				defer func() { recovered = recover() }()
				c.Next()
			}
			client := socketstest.Dial(t,
				apptest.App(guard, sockets.Messages(apptest.Silent()), test.handler),
				"/ws")

			_, _, err := client.ReadMessage()
			synctest.Wait()

			if apptest.CloseCode(err) != 1011 || recovered == nil {
				t.Errorf("the client's end = %v, recovered %v, want 1011 and the "+
					"panic", err, recovered)
			}
		})
	}
}

// Contract 3.6: a code that waits in disconnect is used, whatever else ends the
// connection at the same moment.
func TestCodeIsNotLost(t *testing.T) {
	for range 500 {
		synctest.Test(t, func(t *testing.T) {
			handler := func(sender chan<- string, prepared chan<- *sockets.Prepared,
				disconnect chan<- int) {
				disconnect <- 4000
				close(sender)
				close(prepared)
			}
			client := socketstest.Dial(t, apptest.Messages(handler), "/ws")

			if _, _, err := client.ReadMessage(); apptest.CloseCode(err) != 4000 {
				t.Errorf("end = %v, want 4000", err)
			}
		})
	}
}

// Contract 3.5, 8.1: a prepared message that was sent before the code goes out,
// though another goroutine goes on sending typed ones.
func TestPreparedIsNotLost(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			listener := wstest.Count(mempipe.Listen(0))
			sent := make(chan bool)
			handler := func(sender chan<- string, prepared chan<- *sockets.Prepared,
				disconnect chan<- int, done <-chan bool) {
				<-sent
				sender <- strings.Repeat("a", 20_000) // stalls
				synctest.Wait()
				sender <- "waits"
				go func() { sender <- "another goroutine's" }()
				synctest.Wait()
				prepared <- apptest.Prepared(t, "prepared")
				disconnect <- 4000
				sent <- true
				<-done
			}
			server := wstest.Serve(t, listener,
				&http.Server{Handler: apptest.Messages(handler, func(o *sockets.Options) {
					o.SendChannelBuffer = 1
				})})
			client := server.Dial("/ws", nil)
			conn := listener.Conn(t)
			conn.Stall()
			sent <- true
			<-sent
			synctest.Wait()
			conn.Resume()

			var got []string
			f := client.ReadFrame()
			for ; f.Opcode != wstest.OpClose; f = client.ReadFrame() {
				got = append(got, string(f.Payload))
			}
			if !slices.Contains(got, "prepared") {
				t.Errorf("received %d messages without the prepared one", len(got))
			}
			client.Vanish()
		})
	}
}

// Contract 3.8: a client that has closed first goes on answering pings that it
// was sent before, and reads everything all the same.
func TestPongsAfterThePeersClose(t *testing.T) {
	wstest.NoLeaks(t)
	const n = 40
	sent, pings := make(chan bool, 1), make(pingLines, 1)
	o := &sockets.Options{PingPeriod: 10 * time.Millisecond,
		Logger: log.New(pings, "", 0), LogLevel: sockets.LogLevelDebug}
	handler := func(receiver <-chan string, sender chan<- string, done <-chan bool) {
		<-receiver
		for range n {
			sender <- strings.Repeat("a", 20_000)
		}
		sent <- true
		<-done
	}
	server := wstest.NewServer(t, apptest.App(sockets.Messages(o), handler))
	client := server.Dial("/ws", nil)
	client.Send(wstest.Text("go"))
	apptest.Next(t, "sent", sent)
	apptest.Next(t, "ping", (<-chan bool)(pings))
	apptest.Next(t, "ping after all messages", (<-chan bool)(pings))
	client.Send(wstest.Close(1000, ""))

	messages, code := 0, 0
	for code == 0 {
		switch f := client.ReadFrame(); f.Opcode {
		case wstest.OpText:
			messages++
		case wstest.OpPing:
			client.TrySend(wstest.Pong(string(f.Payload)))
		case wstest.OpClose:
			code, _, _ = f.CloseCode()
		}
	}
	if messages != n || code != 1000 {
		t.Errorf("received %d messages and %d, want %d and 1000", messages, code, n)
	}
}

// pingLines tells of the lines of a log that say that a ping is sent.
type pingLines chan bool

func (c pingLines) Write(line []byte) (int, error) {
	if strings.Contains(string(line), "sending a ping") {
		select {
		case c <- true:
		default:
		}
	}
	return len(line), nil
}
