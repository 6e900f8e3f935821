package sockets_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
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
	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/go-martini/martini"
	"github.com/gorilla/websocket"
)

// in is silent options with a group.
func in(g *sockets.Group) *sockets.Options {
	return apptest.Silent(func(o *sockets.Options) {
		o.Group = g
	})
}

// dialAll opens n connections and waits until their handlers run.
func dialAll(
	t *testing.T, server *socketstest.Server, n int,
) (clients []*websocket.Conn) {
	for range n {
		clients = append(clients, dial(t, server, "/ws"))
	}
	synctest.Wait()
	return clients
}

// Contract 7.1, 7.2: one group for any number of handlers: Len counts them,
// Shutdown ends them with 1001 after what was sent before, and returns when the
// last handler has returned.
func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group sockets.Group
		var returned atomic.Int64
		r, m := martini.NewRouter(), martini.New()
		quiet(m)
		m.Action(r.Handle)
		slow := func(done <-chan bool) {
			<-done
			time.Sleep(3 * time.Second)
			returned.Add(1)
		}
		r.Get("/strings", sockets.Messages(in(&group)),
			func(sender chan<- string) { sender <- "last words" }, slow)
		r.Get("/json", sockets.JSON(text{}, in(&group)),
			func(sender chan<- *text) { sender <- &text{Text: "last words"} }, slow)
		server := socketstest.NewServer(t, m)
		clients := []*websocket.Conn{dial(t, server, "/strings"),
			dial(t, server, "/json")}
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

// Contract 7.2, 4.1: a shutdown is a regular end for the handler; the context
// says what it was.
func TestShutdownIsRegular(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group sockets.Group
		var cause error
		handler, outcomes := apptest.UntilDone()
		client := socketstest.Dial(t,
			apptest.App(sockets.Messages(in(&group)),
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

// Contract 7.2: new handshakes get 503; they run no handler, and do not count.
// Nor do others that were refused.
func TestRefusedByGroup(t *testing.T) {
	var group sockets.Group
	ran := false
	m := apptest.App(sockets.Messages(in(&group)), func() { ran = true })
	serve := func(change ...func(*http.Request)) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		m.ServeHTTP(w, handshake(change...))
		return w
	}

	wantRefusal(t, serve(), 400, "Hijacker")
	wantRefusal(t, serve(header("Origin", "http://evil.com")), 403, "origin")
	if n := group.Len(); n != 0 {
		t.Errorf("Len() after two refusals = %d, want 0", n)
	}
	group.Shutdown(context.Background())
	wantRefusal(t, serve(), 503, "shutting down")
	wantRefusal(t, serve(header("Origin", "http://evil.com")), 403, "origin")
	if n := group.Len(); n != 0 || ran {
		t.Errorf("Len() after all = %d, a handler ran = %v, want 0, false", n, ran)
	}
}

// Contract 7.2: a Group without connections, before and after, and with a
// context that has ended.
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

// Contract 7.2: when ctx ends first the network connections are dropped, and
// the handlers are not waited for.
func TestShutdownInTime(t *testing.T) {
	for _, test := range []struct {
		name   string
		spread time.Duration
		ctx    func() (context.Context, context.CancelFunc)
		want   error
		after  time.Duration
	}{
		{"deadline", 0, func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), 2*time.Second)
		}, context.DeadlineExceeded, 2 * time.Second},
		{"cancelled before", 0, func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			return ctx, cancel
		}, context.Canceled, 0},
		{"during Spread", time.Hour, func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), 2*time.Second)
		}, context.DeadlineExceeded, 2 * time.Second},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			group := sockets.Group{Spread: test.spread}
			// The client answers no close frame, and the handler takes its time.
			listener := wstest.Count(mempipe.Listen(0))
			server := wstest.Serve(t, listener,
				&http.Server{Handler: apptest.App(sockets.Messages(in(&group)),
					func(done <-chan bool) { <-done; time.Sleep(time.Minute) })})
			clients := []*wstest.Raw{server.Dial("/ws", nil), server.Dial("/ws", nil),
				server.Dial("/ws", nil)}
			synctest.Wait()

			begin := time.Now()
			ctx, cancel := test.ctx()
			defer cancel()
			err := group.Shutdown(ctx)
			after, left := time.Since(begin), group.Len()

			if err != test.want || after != test.after || left != 3 {
				t.Errorf("Shutdown() = %v after %v, Len() = %d, want %v after %v, 3", err,
					after, left, test.want, test.after)
			}
			for _, client := range clients {
				client.Drain()
			}
			if after := time.Since(begin); after != test.after {
				t.Errorf("the connections ended after %v, want %v", after, test.after)
			}
			time.Sleep(2 * time.Minute)
			if left := group.Len(); left != 0 {
				t.Errorf("Len() at the end = %d, want 0", left)
			}
		})
	}
}

// Contract 7.3: Spread ends the connections evenly over its time.
func TestSpread(t *testing.T) {
	for _, test := range []struct {
		spread time.Duration
		want   []time.Duration
	}{
		{8 * time.Second,
			[]time.Duration{0, 2 * time.Second, 4 * time.Second, 6 * time.Second}},
		{0, []time.Duration{0, 0, 0, 0}},
		{-time.Hour, []time.Duration{0, 0, 0, 0}},
	} {
		synctest.Test(t, func(t *testing.T) {
			group := sockets.Group{Spread: test.spread}
			server := socketstest.NewServer(t,
				apptest.App(sockets.Messages(in(&group)), apptest.WaitForDone))
			ends := make(chan time.Duration, 4)
			begin := time.Now()
			for _, client := range dialAll(t, server, 4) {
				go func() {
					apptest.All(client)
					ends <- time.Since(begin)
				}()
			}

			err := group.Shutdown(context.Background())

			got := []time.Duration{<-ends, <-ends, <-ends, <-ends}
			if slices.Sort(got); err != nil || !slices.Equal(got, test.want) {
				t.Errorf("Spread %v: Shutdown() = %v, ends %v, want %v", test.spread, err,
					got, test.want)
			}
		})
	}
}

// Contract 7.3: nobody waits for clients that have left in the meantime.
func TestSpreadOverWhoLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		group := sockets.Group{Spread: time.Hour}
		server := socketstest.NewServer(t,
			apptest.App(sockets.Messages(in(&group)), apptest.WaitForDone))
		begin := time.Now()
		for _, client := range dialAll(t, server, 4) {
			time.AfterFunc(time.Second, func() { goodbye(1000, "")(client) })
		}

		err := group.Shutdown(context.Background())

		// A client that has closed, but does not close TCP, is read from for a
		// quarter of a second.
		if after := time.Since(begin); err != nil ||
			after.Truncate(time.Second) != time.Second {
			t.Errorf("Shutdown() = %v after %v, want nil after 1s", err, after)
		}
	})
}

// Contract 7.2: a second call waits like the first; one that is in more of a
// hurry drops what the first still waits for.
func TestShutdownTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group sockets.Group
		server := socketstest.NewServer(t,
			apptest.App(sockets.Messages(in(&group)),
				func(done <-chan bool) { <-done; time.Sleep(10 * time.Second) }))
		dialAll(t, server, 3)
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

// Contract 7.1, 7.2: a connection is a member until its handler has returned,
// also where that panics.
func TestPanicLeavesGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group sockets.Group
		server := socketstest.NewServer(t,
			apptest.App(sockets.Messages(in(&group)),
				func() { panic("a panic of the test") }))
		for _, client := range dialAll(t, server, 3) {
			apptest.All(client)
		}
		synctest.Wait()

		if n := group.Len(); n != 0 {
			t.Errorf("Len() = %d, want 0", n)
		}
	})
}

// Contract 7.2: a request that is in its handshake when Shutdown is called is
// refused, or, when it was let in, ended like the others.
func TestShutdownDuringHandshake(t *testing.T) {
	apptest.Bubble(t, "before it was let in", func(t *testing.T) {
		var group sockets.Group
		release := make(chan bool)
		o := in(&group)
		o.Upgrader = &websocket.Upgrader{CheckOrigin: func(*http.Request) bool {
			<-release
			return true
		}}
		client := wstest.NewMemoryServer(t,
			apptest.App(sockets.Messages(o), apptest.WaitForDone), 0).Connect()
		time.AfterFunc(time.Second, func() {
			group.Shutdown(context.Background())
			close(release)
		})

		if resp := client.Handshake("/ws", nil); resp.StatusCode != 503 {
			t.Errorf("Handshake() = %s, want 503", resp.Status)
		}
	})
	apptest.Bubble(t, "while the 101 is written", func(t *testing.T) {
		var group sockets.Group
		listener := wstest.Count(mempipe.Listen(0))
		server := wstest.Serve(t, listener,
			&http.Server{Handler: apptest.App(sockets.Messages(in(&group)),
				apptest.WaitForDone)})
		client := server.Connect()
		conn := listener.Conn(t)
		conn.Stall()
		time.AfterFunc(time.Second, func() {
			go group.Shutdown(context.Background())
			synctest.Wait()
			conn.Resume()
		})

		client.Upgrade("/ws", nil)

		if code, _ := client.ReadClose(); code != 1001 {
			t.Errorf("close code = %d, want 1001", code)
		}
	})
	apptest.Bubble(t, "while the 101 is written, and in a hurry", func(t *testing.T) {
		var group sockets.Group
		handler, outcomes := apptest.UntilDone()
		listener := wstest.Count(mempipe.Listen(0))
		server := wstest.Serve(t, listener,
			&http.Server{Handler: apptest.App(sockets.Messages(in(&group)), handler)})
		client := server.Connect()
		conn := listener.Conn(t)
		conn.Stall()
		handshake(func(r *http.Request) { r.Host = server.Host },
			header("Origin", server.URL)).Write(client.Conn)
		synctest.Wait()
		during := group.Len()

		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		err := group.Shutdown(ctx)
		conn.Resume()

		r := bufio.NewReader(client.Conn)
		http.ReadResponse(r, nil)
		if frames, _ := io.ReadAll(r); len(frames) > 0 {
			t.Errorf("received %x behind the 101, want the end", frames)
		}
		if got := <-outcomes; during != 1 || err != context.DeadlineExceeded ||
			!got.Done || got.Errs != 0 {
			t.Errorf("Len, Shutdown = %d, %v, outcome %+v, want 1, deadline "+
				"exceeded, done", during, err, got)
		}
	})
}

// Contract 7.4: with http.Server.Shutdown, over TCP: one after the other, and
// by RegisterOnShutdown.
func TestShutdownOfHTTPServer(t *testing.T) {
	for _, test := range []struct {
		name     string
		shutdown func(*sockets.Group, *http.Server)
	}{
		{"one after the other", func(g *sockets.Group, s *http.Server) {
			g.Shutdown(context.Background())
			s.Shutdown(context.Background())
		}},
		{"RegisterOnShutdown", func(g *sockets.Group, s *http.Server) {
			ended := make(chan error, 1)
			s.RegisterOnShutdown(func() { ended <- g.Shutdown(context.Background()) })
			s.Shutdown(context.Background())
			<-ended
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			wstest.NoLeaks(t)
			var group sockets.Group
			began := make(chan bool, 2)
			handler := func(sender chan<- string, done <-chan bool) {
				sender <- "last words"
				began <- true
				<-done
			}
			server := wstest.NewServer(t,
				apptest.App(sockets.Messages(in(&group)), handler))
			clients := []*wstest.Raw{server.Dial("/ws", nil), server.Dial("/ws", nil)}
			apptest.Next(t, "handler", began)
			apptest.Next(t, "handler", began)

			ended := make(chan bool)
			go func() {
				test.shutdown(&group, server.Config)
				close(ended)
			}()

			for _, client := range clients {
				_, got := client.ReadMessage()
				code, _ := client.ReadClose()
				client.Vanish()
				if string(got) != "last words" || code != 1001 {
					t.Errorf("received %q and %d, want last words and 1001", got, code)
				}
			}
			apptest.Next(t, "end of Shutdown", ended)
			if n := group.Len(); n != 0 {
				t.Errorf("Len() = %d, want 0", n)
			}
		})
	}
}

// Contract 7.2: through TLS too Shutdown returns when its context ends,
// although a client takes nothing, so that what TLS says at the end of a
// connection cannot be written.
func TestShutdownOfStalledTLS(t *testing.T) {
	wstest.NoLeaks(t)
	var group sockets.Group
	handler := func(sender chan<- string, done <-chan bool) {
		for {
			select {
			case sender <- strings.Repeat("a", 60_000):
			case <-done:
				return
			}
		}
	}
	server := httptest.NewUnstartedServer(apptest.App(sockets.Messages(in(&group)),
		handler))
	listener := wstest.Count(server.Listener)
	server.Listener = listener
	server.StartTLS()
	defer server.Close()
	host := server.Listener.Addr().String()
	conn, err := tls.Dial("tcp", host, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	below := listener.Conn(t)
	wstest.Over(t, conn, host).Upgrade("/ws", nil)
	below.Stall()

	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	returned := make(chan error, 1)
	go func() { returned <- group.Shutdown(ctx) }()

	// Far less than the five seconds that crypto/tls takes, and far more than a
	// busy machine.
	select {
	case err := <-returned:
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown() = %v, want the context's error", err)
		}
	case <-time.After(4 * time.Second):
		t.Error("Shutdown did not return with its context")
	}
	conn.NetConn().Close()
	group.Shutdown(context.Background())
}
