package sockets_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/go-martini/martini"
	"github.com/gorilla/websocket"
)

// Contract 3.9: the handler first gets what the client sent before it closed.
// done comes once the receiver is empty, or once nobody has taken from it for a
// quarter of a second.
func TestOfferedBeforeDone(t *testing.T) {
	for _, test := range []struct {
		name  string
		pause time.Duration // before the handler takes each message
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

			// The library polls whether the receiver is empty, so it may notice
			// a little late.
			if len(got) != test.reads || wait < test.done ||
				wait > test.done+50*time.Millisecond {
				t.Errorf("received %d messages, done after %v, want %d and %v", len(got),
					wait, test.reads, test.done)
			}
		})
	}
}

// Contract 3.9, 4.1: the error comes first, then done, then both channels are closed. A
// handler that selects on both sees the error first, even if it is busy when both come.
func TestErrorBeforeDone(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			order := make(chan []string, 1)
			client := socketstest.Dial(t, apptest.Messages(busyUntilDone(order)), "/ws")
			client.WriteMessage(websocket.TextMessage, []byte("a"))
			client.WriteMessage(websocket.TextMessage, []byte("\xff"))

			client.ReadMessage()

			got := strings.Join(<-order, ", ")
			if want := "error true true, done true, open false"; got != want {
				t.Errorf("order = %s, want %s", got, want)
			}
		})
	}
}

// busyUntilDone returns a handler that is busy for a while after each message, and
// sends the order of what it received from errors and done.
func busyUntilDone(order chan<- []string) any {
	return func(receiver <-chan string, done <-chan bool, errs <-chan error) {
		var got []string
		for {
			select {
			case <-receiver:
				time.Sleep(100 * time.Millisecond)
			case err, ok := <-errs:
				got = append(got, fmt.Sprint("error ", err != nil, ok))
			case v := <-done:
				_, open := <-errs
				order <- append(got, fmt.Sprint("done ", v), fmt.Sprint("open ", open))
				return
			}
		}
	}
}

// Contract 3.9, 4.1: a regular end never gives a handler a nil error, even if the
// handler is busy at that moment, because both channels stay open until it has
// taken done. Programs written for the original log whatever comes from errors.
func TestNoNilError(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			order := make(chan []string, 1)
			client := socketstest.Dial(t, apptest.Messages(busyUntilDone(order)), "/ws")
			client.WriteMessage(websocket.TextMessage, nil)
			client.WriteControl(websocket.CloseMessage, nil, time.Time{})

			client.ReadMessage()

			got := strings.Join(<-order, ", ")
			if want := "done true, open false"; got != want {
				t.Errorf("order = %s, want %s", got, want)
			}
		})
	}
}

// Contract 3.11: when the request's context ends, the connection closes with
// 1001, after what was sent before.
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

// Contract 3.7: a panic in the handler closes with 1011 and goes on to
// Recovery. So does Martini's panic about a value that it cannot inject.
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
				apptest.App(guard, apptest.Text(apptest.Silent()), test.handler),
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
