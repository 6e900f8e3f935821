package sockets_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/gorilla/websocket"
)

// accounts returns a group that limits the connections of each account, and a server.
func accounts(t *testing.T, max int) (*sockets.Group, *socketstest.Server) {
	group := &sockets.Group{MaxPerKey: max,
		Key: func(r *http.Request) string { return r.URL.Query().Get("account") }}
	return group, socketstest.NewServer(t,
		apptest.App(apptest.Text(apptest.In(group)), apptest.WaitForDone))
}

// Contract 7.7: each key has its own limit, and a connection counts until its handler has
// returned. An empty key is not limited.
func TestMaxPerKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		group, server := accounts(t, 2)
		first := apptest.Dial(t, server, "/ws?account=ada")
		apptest.Dial(t, server, "/ws?account=ada")
		for range 2 {
			apptest.Dial(t, server, "/ws?account=bob")
		}
		for range 5 {
			apptest.Dial(t, server, "/ws")
		}
		refused := func(account string) bool {
			_, resp, err := server.Dial("/ws?account="+account, nil)
			return err != nil && resp.StatusCode == http.StatusTooManyRequests
		}
		if !refused("ada") || !refused("bob") || group.Len() != 9 {
			t.Errorf("a third of ada, bob was not refused, or Len() = %d, want 9", group.Len())
		}

		apptest.Goodbye(1000, "")(first)
		synctest.Wait()

		apptest.Dial(t, server, "/ws?account=ada")
		if !refused("ada") {
			t.Error("a third of ada was not refused after one had left")
		}
		if n := group.Stats().Refused[sockets.RefusedKey]; n != 3 {
			t.Errorf("refused by key = %d, want 3", n)
		}
	})
}

// Contract 7.7: a handshake that fails does not count, nor does a limit without a key, nor
// a key without a limit.
func TestMaxPerKeyOfFailures(t *testing.T) {
	for name, group := range map[string]*sockets.Group{
		"failed":  {MaxPerKey: 1, Key: sockets.Proxies{}.Key},
		"no key":  {MaxPerKey: 1},
		"no max":  {Key: func(*http.Request) string { panic("called without a limit") }},
		"a minus": {MaxPerKey: -1, Key: sockets.Proxies{}.Key},
	} {
		h := apptest.App(apptest.Text(apptest.In(group)), apptest.WaitForDone)
		for range 3 {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, apptest.Handshake())
			wantRefusal(t, w, 500, "cannot be hijacked")
		}
		if n := group.Stats().Refused[sockets.RefusedHandshake]; n != 3 {
			t.Errorf("%s: refused handshakes = %d, want 3", name, n)
		}
	}
}

// Contract 1.4, 7.7: a refusal is a short plain text with 429, and no later handler runs.
func TestRefusedByKey(t *testing.T) {
	group := &sockets.Group{MaxPerKey: 1, Key: sockets.Proxies{}.Key}
	var ran atomic.Int64
	h := apptest.App(apptest.Text(apptest.In(group)), func(done <-chan bool) { ran.Add(1); <-done })
	apptest.Dial(t, socketstest.NewServer(t, h), "/ws") // from 192.0.2.2
	w := httptest.NewRecorder()
	h.ServeHTTP(w, apptest.Handshake(func(r *http.Request) { r.RemoteAddr = "192.0.2.2:9" }))
	wantRefusal(t, w, 429, "you have as many connections")
	if n := ran.Load(); n > 1 {
		t.Errorf("%d handlers ran, want 1", n)
	}
}

// Contract 7.7: any number of clients at the same time get no more than the limit.
func TestMaxPerKeyAtTheSameTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		group, server := accounts(t, 3)
		var dialling sync.WaitGroup
		var mu sync.Mutex
		var got []*websocket.Conn
		for range 20 {
			dialling.Go(func() {
				client, _, err := server.Dial("/ws?account=ada", nil)
				if err == nil {
					mu.Lock()
					defer mu.Unlock()
					got = append(got, client)
				}
			})
		}
		dialling.Wait()
		if len(got) != 3 || group.Len() != 3 {
			t.Errorf("%d clients, Len() = %d, want 3", len(got), group.Len())
		}
		for _, client := range got {
			client.Close()
		}
		time.Sleep(time.Minute)
		for range 3 {
			apptest.Dial(t, server, "/ws?account=ada")
		}
	})
}

// Contract 7.9: ready until Shutdown begins, also while connections still end.
func TestServeReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group sockets.Group
		server := socketstest.NewServer(t, apptest.App(apptest.Text(apptest.In(&group)),
			func(done <-chan bool) { <-done; time.Sleep(time.Second) }))
		apptest.DialAll(t, server, 1)
		for _, want := range []string{"200 ready\n", "503 shutting down\n",
			"503 shutting down\n"} {
			w := httptest.NewRecorder()
			group.ServeReady(w, httptest.NewRequest("GET", "/ready", nil))
			if got := fmt.Sprint(w.Code, " ", w.Body); got != want || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("ServeReady() = %d %q %v, want %q", w.Code, w.Body, w.Header(), want)
			}
			if want[0] == '2' {
				go group.Shutdown(context.Background())
				synctest.Wait()
			}
		}
		if group.Len() != 1 {
			t.Errorf("Len() = %d, want 1: it was asked too late", group.Len())
		}
		time.Sleep(time.Minute)
	})
}
