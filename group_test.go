package sockets_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/go-martini/martini"
	"github.com/gorilla/websocket"
)

// Contract 7.1, 7.2: one group serves any number of handlers. Len counts their
// connections. Shutdown ends them with 1001 after what was sent before, and
// returns when the last handler has returned.
func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group sockets.Group
		var returned atomic.Int64
		r, m := martini.NewRouter(), martini.New()
		apptest.Quiet(m)
		m.Action(r.Handle)
		slow := func(done <-chan bool) {
			<-done
			time.Sleep(3 * time.Second)
			returned.Add(1)
		}
		r.Get("/strings", sockets.Messages(apptest.In(&group)),
			func(sender chan<- string) { sender <- "last words" }, slow)
		r.Get("/json", sockets.JSON(text{}, apptest.In(&group)),
			func(sender chan<- *text) { sender <- &text{Text: "last words"} }, slow)
		server := socketstest.NewServer(t, m)
		clients := []*websocket.Conn{apptest.Dial(t, server, "/strings"),
			apptest.Dial(t, server, "/json")}
		synctest.Wait()
		before := group.Len()

		begin := time.Now()
		ends := make(chan string, 2)
		for _, client := range clients {
			go func() {
				got, end := apptest.All(client)
				ends <- fmt.Sprint(got, apptest.CloseCode(end))
			}()
		}
		err := group.Shutdown(context.Background())

		if before != 2 || err != nil || returned.Load() != 2 || group.Len() != 0 ||
			time.Since(begin) != 3*time.Second {
			t.Errorf("Len, Shutdown, handlers returned, Len = %d, %v, %d, %d after %v, "+
				"want 2, nil, 2, 0 after 3s", before, err, returned.Load(), group.Len(),
				time.Since(begin))
		}
		got := []string{<-ends, <-ends}
		if slices.Sort(got); got[0] != "[last words] 1001" ||
			got[1] != `[{"Text":"last words"}] 1001` {
			t.Errorf("clients received %q, want what was sent before, and 1001", got)
		}
	})
}

// Contract 7.2, 4.1: for the handler a shutdown is a regular end. The context
// has its cause.
func TestShutdownIsRegular(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group sockets.Group
		var cause error
		handler, outcomes := apptest.UntilDone()
		client := socketstest.Dial(t,
			apptest.App(apptest.Text(apptest.In(&group)),
				func(c martini.Context, ctx context.Context) {
					c.Next()
					cause = context.Cause(ctx)
				}, handler), "/ws")
		synctest.Wait()

		go group.Shutdown(context.Background())
		apptest.All(client)
		got := <-outcomes
		synctest.Wait()

		if !got.Done || got.Errs != 0 || !errors.Is(cause, http.ErrServerClosed) {
			t.Errorf("outcome = %+v, cause %v, want done without an error, "+
				"http.ErrServerClosed", got, cause)
		}
	})
}

// Contract 7.2: after Shutdown handshakes get 503, run no handler and are not
// counted. Requests that were refused for another reason are not counted either.
func TestRefusedByGroup(t *testing.T) {
	var group sockets.Group
	ran := false
	m := apptest.App(apptest.Text(apptest.In(&group)), func() { ran = true })
	serve := func(change ...func(*http.Request)) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		m.ServeHTTP(w, apptest.Handshake(change...))
		return w
	}

	wantRefusal(t, serve(), 500, "cannot be hijacked")
	wantRefusal(t, serve(apptest.Header("Origin", "http://evil.com")), 403, "origin")
	if n := group.Len(); n != 0 {
		t.Errorf("Len() after two refusals = %d, want 0", n)
	}
	group.Shutdown(context.Background())
	wantRefusal(t, serve(), 503, "shutting down")
	wantRefusal(t, serve(apptest.Header("Origin", "http://evil.com")), 403, "origin")
	if n := group.Len(); n != 0 || ran {
		t.Errorf("Len() after all = %d, a handler ran = %v, want 0, false", n, ran)
	}
}

// Contract 7.2: Shutdown of a Group without connections returns at once, also a
// second time, and also if its context has ended.
func TestShutdownOfNobody(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for _, ctx := range []context.Context{context.Background(), ended} {
		group := sockets.Group{Spread: time.Hour}
		for range 3 {
			if err := group.Shutdown(ctx); err != nil || group.Len() != 0 {
				t.Errorf("Shutdown() = %v, Len() = %d, want nil, 0", err, group.Len())
			}
		}
	}
}

// Contract 7.2: a second call waits like the first. If its context ends sooner,
// it drops the connections that the first call is still waiting for.
func TestShutdownTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group sockets.Group
		server := socketstest.NewServer(t,
			apptest.App(apptest.Text(apptest.In(&group)),
				func(done <-chan bool) { <-done; time.Sleep(10 * time.Second) }))
		apptest.DialAll(t, server, 3)
		begin := time.Now()
		first, second := make(chan string, 1), make(chan string, 1)
		shutdown := func(result chan string) {
			result <- fmt.Sprint(group.Shutdown(context.Background()),
				time.Since(begin).Round(time.Second))
		}

		go shutdown(first)
		go shutdown(second)
		time.Sleep(time.Second)
		hurry, cancel := context.WithCancel(context.Background())
		cancel()
		third := group.Shutdown(hurry)

		if third != context.Canceled || time.Since(begin) != time.Second {
			t.Errorf("Shutdown() in a hurry = %v after %v, want context canceled at once",
				third, time.Since(begin))
		}
		if got := []string{<-first, <-second}; got[0] != got[1] || got[0] != "<nil> 10s" {
			t.Errorf("Shutdown() twice = %q, want <nil> after 10s from both", got)
		}
	})
}

// Contract 7.1, 7.2: a connection is a member until its handler has returned or
// panicked.
func TestPanicLeavesGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group sockets.Group
		server := socketstest.NewServer(t,
			apptest.App(apptest.Text(apptest.In(&group)),
				func() { panic("a panic of the test") }))
		for _, client := range apptest.DialAll(t, server, 3) {
			apptest.All(client)
		}
		synctest.Wait()

		if n := group.Len(); n != 0 {
			t.Errorf("Len() = %d, want 0", n)
		}
	})
}
