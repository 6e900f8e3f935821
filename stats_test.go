package sockets_test

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// obey is a handler that does what the client says.
func obey(receiver <-chan string, sender chan<- string, disconnect chan<- int,
	done <-chan bool) {
	for {
		select {
		case m := <-receiver:
			switch m {
			case "return":
				return
			case "4000":
				disconnect <- 4000
			case "bad":
				sender <- "\xff"
			default:
				sender <- m + m
			}
		case <-done:
			return
		}
	}
}

// Contract 7.5: every request and every ending is counted under its kind.
func TestStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group sockets.Group
		server := wstest.NewMemoryServer(t,
			apptest.App(apptest.Text(apptest.In(&group)), obey), 0)
		refusedBy(t, server, "GET", "http://evil.com", 403)
		refusedBy(t, server, "GET", "http://evil.com", 403)
		refusedBy(t, server, "POST", server.URL, 405)
		refusedBy(t, server, "GET", server.URL, 400)
		idle := server.Dial("/ws", nil)
		idle.Send(wstest.Text("hello"))
		idle.ReadMessage()
		for _, frame := range []wstest.Frame{wstest.Text("return"), wstest.Text("4000"),
			wstest.Text("bad"), wstest.Close(1000, ""), wstest.Close(1000, ""),
			wstest.Text("a").WithOpcode(3)} {
			client := server.Dial("/ws", nil)
			client.Send(frame)
			client.ReadClose()
			client.Vanish()
		}
		server.Dial("/ws", nil).Vanish()
		time.Sleep(10 * time.Second) // lingering is over

		open := group.Stats()
		idle.Reset()
		time.Sleep(10 * time.Second)
		group.Shutdown(context.Background())
		refusedBy(t, server, "GET", server.URL, 503)
		after := group.Stats()

		want := sockets.Stats{
			Open: 1, Opened: 8, MessagesIn: 4, BytesIn: 5 + 6 + 4 + 3, MessagesOut: 1,
			BytesOut: 10,
			Refused: map[sockets.Refusal]int64{sockets.RefusedOrigin: 2,
				sockets.RefusedMethod: 1, sockets.RefusedHandshake: 1},
			Ended: map[sockets.End]int64{{By: "handler", Code: 1000}: 1,
				{By: "handler", Code: 4000}: 1, {By: "program", Code: 1011}: 1,
				{By: "client", Code: 1000}: 2, {By: "violation", Code: 1002}: 1,
				{By: "network", Code: 1006}: 1},
		}
		if !reflect.DeepEqual(open, want) {
			t.Errorf("Stats() = %+v\nwant %+v", open, want)
		}
		want.Open = 0
		want.Ended[sockets.End{By: "network", Code: 1006}]++
		want.Refused[sockets.RefusedShutdown]++
		if !reflect.DeepEqual(after, want) {
			t.Errorf("Stats() at the end = %+v\nwant %+v", after, want)
		}
	})
}

// refusedBy makes a request that is refused with status. For 400 it is a
// handshake without a key.
func refusedBy(t *testing.T, server *wstest.Server, method, origin string, status int) {
	t.Helper()
	header := http.Header{":method": {method}, "Origin": {origin}}
	if status == 400 {
		header["Sec-WebSocket-Key"] = []string{""}
	}
	if resp := server.Connect().Handshake("/ws", header); resp.StatusCode != status {
		t.Errorf("handshake = %s, want %d", resp.Status, status)
	}
}

// Contract 7.5: the counts stay exact while clients connect, talk and leave.
func TestStatsAreExact(t *testing.T) {
	const clients, messages = 20, 50
	var group sockets.Group
	server := wstest.NewServer(t,
		apptest.App(apptest.Text(apptest.In(&group)), apptest.Echo[string]))
	var running sync.WaitGroup
	for i := range clients {
		client := server.Dial("/ws", nil)
		running.Go(func() {
			for range messages {
				client.TrySend(wstest.Text(strings.Repeat("a", i)))
				client.NextFrame()
			}
			client.TrySend(wstest.Close(1000, ""))
			client.NextFrame()
		})
	}
	watched := make(chan struct{})
	go func() { // ends when the clients are done
		defer close(watched)
		for last := (sockets.Stats{}); last.MessagesOut < clients*messages; {
			s := group.Stats()
			if s.MessagesIn < last.MessagesIn || s.Opened < last.Opened {
				t.Errorf("Stats() = %+v after %+v", s, last)
				return
			}
			last = s
		}
	}()
	running.Wait()
	<-watched
	group.Shutdown(context.Background())

	s := group.Stats()
	bytes := int64(messages * clients * (clients - 1) / 2)
	got := fmt.Sprint(s.Open, s.Opened, s.MessagesIn, s.MessagesOut, s.BytesIn,
		s.BytesOut, s.Ended)
	want := fmt.Sprint(0, clients, clients*messages, clients*messages, bytes, bytes,
		map[sockets.End]int64{{By: "client", Code: 1000}: clients})
	if got != want {
		t.Errorf("Stats() = %s, want %s", got, want)
	}
}

// Contract 7.5: the zero Group has counted nothing. A handler without a Group
// is not counted.
func TestNoStats(t *testing.T) {
	if got := new(sockets.Group).Stats(); !reflect.DeepEqual(got, sockets.Stats{}) {
		t.Errorf("Stats() of nobody = %+v, want nothing", got)
	}
}

// Contract 7.6: one connection over Max is refused with 503, until another has ended.
func TestMax(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		group := sockets.Group{Max: 2}
		server := wstest.NewMemoryServer(t,
			apptest.App(apptest.Text(apptest.In(&group)), apptest.WaitForDone), 0)
		first := server.Dial("/ws", nil)
		server.Dial("/ws", nil)

		refusedBy(t, server, "GET", server.URL, 503)
		first.Vanish()
		time.Sleep(10 * time.Second) // the handler has returned
		synctest.Wait()
		server.Dial("/ws", nil)
		refusedBy(t, server, "GET", server.URL, 503)

		synctest.Wait() // the client has its 101 before the group has counted
		if s := group.Stats(); s.Refused[sockets.RefusedFull] != 2 || s.Open != 2 ||
			s.Opened != 3 {
			t.Errorf("Stats() = %+v, want 2 refused, 2 open of 3", s)
		}
	})
}
