package socketsprom_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/presence"
	"github.com/beatrichartz/martini-sockets/socketsprom"
	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// serve returns a server whose handler echoes until the message "4010", which is a code.
func serve(tb testing.TB, group *sockets.Group) *socketstest.Server {
	return socketstest.NewServer(tb, sockets.HandleText(
		func(_ *http.Request, c sockets.Channels[string]) {
			for {
				select {
				case m := <-c.Receiver:
					if m == "4010" {
						c.Disconnect <- 4010
					} else {
						c.Sender <- m + m
					}
				case <-c.Done:
					return
				}
			}
		}, &sockets.Options{Group: group, SkipLogging: true}))
}

func dial(tb testing.TB, server *socketstest.Server) *websocket.Conn {
	tb.Helper()
	client, _, err := server.Dial("/", nil)
	if err != nil {
		tb.Fatal(err)
	}
	return client
}

// end sends a message, or closes with a code, and waits until the group knows of the end.
// Call it in a bubble.
func end(tb testing.TB, client *websocket.Conn, code int, say string) {
	tb.Helper()
	if say != "" {
		client.WriteMessage(websocket.TextMessage, []byte(say))
	} else {
		client.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""),
			time.Now().Add(time.Minute))
	}
	client.ReadMessage()
	client.Close()
	time.Sleep(time.Minute)
	synctest.Wait()
}

// Contract 7.10: all counts of a Group, with zero for refusals that have not happened. A
// client's own codes are no labels.
func TestGroupCollector(t *testing.T) { synctest.Test(t, groupCollector) }

func groupCollector(t *testing.T) {
	var group sockets.Group
	server := serve(t, &group)
	for _, code := range []int{1000, 3000, 3001, 3999, 4000, 4001, 4999} {
		end(t, dial(t, server), code, "")
	}
	end(t, dial(t, server), 0, "4010")
	client := dial(t, server)
	client.WriteMessage(websocket.TextMessage, []byte("hello"))
	client.ReadMessage()
	server.Dial("/", http.Header{"Origin": {"http://evil.com"}})
	synctest.Wait() // an outgoing message is counted after the client has it

	const want = `
# HELP sockets_connections Open connections.
# TYPE sockets_connections gauge
sockets_connections{group="chat"} 1
# HELP sockets_connections_ended_total Connections that have ended, by who ended them and the close code.
# TYPE sockets_connections_ended_total counter
sockets_connections_ended_total{by="client",code="1000",group="chat"} 1
sockets_connections_ended_total{by="client",code="3xxx",group="chat"} 3
sockets_connections_ended_total{by="client",code="4xxx",group="chat"} 3
sockets_connections_ended_total{by="handler",code="4010",group="chat"} 1
# HELP sockets_connections_opened_total Handshakes that succeeded.
# TYPE sockets_connections_opened_total counter
sockets_connections_opened_total{group="chat"} 9
# HELP sockets_connections_refused_total Requests that did not become a connection.
# TYPE sockets_connections_refused_total counter
sockets_connections_refused_total{group="chat",reason="full"} 0
sockets_connections_refused_total{group="chat",reason="handshake"} 0
sockets_connections_refused_total{group="chat",reason="key"} 0
sockets_connections_refused_total{group="chat",reason="method"} 0
sockets_connections_refused_total{group="chat",reason="origin"} 1
sockets_connections_refused_total{group="chat",reason="shutdown"} 0
# HELP sockets_received_bytes_total Bytes of messages from clients, decompressed.
# TYPE sockets_received_bytes_total counter
sockets_received_bytes_total{group="chat"} 9
# HELP sockets_received_messages_total Messages from clients.
# TYPE sockets_received_messages_total counter
sockets_received_messages_total{group="chat"} 2
# HELP sockets_sent_bytes_total Bytes of messages that the network took, before compression.
# TYPE sockets_sent_bytes_total counter
sockets_sent_bytes_total{group="chat"} 10
# HELP sockets_sent_messages_total Messages that the network took.
# TYPE sockets_sent_messages_total counter
sockets_sent_messages_total{group="chat"} 1
`
	c := socketsprom.NewGroupCollector(&group, "chat")
	if err := testutil.CollectAndCompare(c, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
	client.Close()
}

// stats are numbers of rooms, each another.
type stats rooms.Stats

func (s stats) Stats() rooms.Stats { return rooms.Stats(s) }

// Contract 7.10: all counts of rooms.
func TestRoomsCollector(t *testing.T) {
	const want = `
# HELP sockets_rooms Rooms of this process that have members.
# TYPE sockets_rooms gauge
sockets_rooms{rooms="chat"} 1
# HELP sockets_rooms_errors_total Errors of the broker or the log, and of encoding for them.
# TYPE sockets_rooms_errors_total counter
sockets_rooms_errors_total{rooms="chat"} 6
# HELP sockets_rooms_members Members of all rooms of this process.
# TYPE sockets_rooms_members gauge
sockets_rooms_members{rooms="chat"} 2
# HELP sockets_rooms_members_behind Members with a backlog.
# TYPE sockets_rooms_members_behind gauge
sockets_rooms_members_behind{rooms="chat"} 3
# HELP sockets_rooms_removed_members_total Members that a room has removed.
# TYPE sockets_rooms_removed_members_total counter
sockets_rooms_removed_members_total{rooms="chat"} 4
# HELP sockets_rooms_replaced_messages_total Messages that a member skipped, because a later one took their place.
# TYPE sockets_rooms_replaced_messages_total counter
sockets_rooms_replaced_messages_total{rooms="chat"} 7
# HELP sockets_rooms_undecodable_messages_total Messages from other processes that could not be decoded.
# TYPE sockets_rooms_undecodable_messages_total counter
sockets_rooms_undecodable_messages_total{rooms="chat"} 5
`
	c := socketsprom.NewRoomsCollector(stats{1, 2, 3, 4, 5, 6, 7}, "chat")
	if err := testutil.CollectAndCompare(c, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
}

// Contract 7.10: how many people a presence lists.
func TestPresenceCollector(t *testing.T) {
	people := presence.New[string](nil)
	defer people.Close()
	for _, who := range []struct{ room, key string }{{"a", "ada"}, {"a", "bob"}, {"b", "ada"},
		{"a", "ada"}} {
		if _, err := people.Enter(who.room, who.key, ""); err != nil {
			t.Fatal(err)
		}
	}
	const want = `
# HELP sockets_presence_people People in all rooms, in all processes.
# TYPE sockets_presence_people gauge
sockets_presence_people{presence="chat"} 3
# HELP sockets_presence_rooms Rooms with people in them, in all processes.
# TYPE sockets_presence_rooms gauge
sockets_presence_rooms{presence="chat"} 2
`
	c := socketsprom.NewPresenceCollector(people, "chat")
	if err := testutil.CollectAndCompare(c, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
}

// registry has two collectors of each kind.
func registry(tb testing.TB, group *sockets.Group) *prometheus.Registry {
	chat, people := rooms.New[string](nil), presence.New[string](nil)
	tb.Cleanup(people.Close)
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(
		socketsprom.NewGroupCollector(group, "chat"),
		socketsprom.NewGroupCollector(new(sockets.Group), "news"),
		socketsprom.NewRoomsCollector(chat, "chat"), socketsprom.NewRoomsCollector(chat, "news"),
		socketsprom.NewPresenceCollector(people, "chat"),
		socketsprom.NewPresenceCollector(people, "news"))
	return r
}

// Contract 7.10: the names and units are those that Prometheus asks for, and several
// collectors of a kind are registered under different names.
func TestConventions(t *testing.T) {
	problems, err := testutil.GatherAndLint(registry(t, new(sockets.Group)))
	if err != nil || len(problems) > 0 {
		t.Errorf("GatherAndLint() = %v, %v, want none", problems, err)
	}
	r := registry(t, new(sockets.Group))
	if err := r.Register(socketsprom.NewGroupCollector(new(sockets.Group), "chat")); err == nil {
		t.Error("Register() of a second collector with the same name = nil, want an error")
	}
}

// open opens n connections of a group.
func open(tb testing.TB, n int) *sockets.Group {
	tb.Helper()
	group := new(sockets.Group)
	server := serve(tb, group)
	var dialling sync.WaitGroup
	for range 10 {
		dialling.Go(func() {
			for range n / 10 {
				if _, _, err := server.Dial("/", nil); err != nil {
					tb.Error(err)
				}
			}
		})
	}
	dialling.Wait()
	tb.Cleanup(func() { // the clients read nothing, so it would wait for them
		now, cancel := context.WithCancel(context.Background())
		cancel()
		group.Shutdown(now)
	})
	return group
}

// Contract 7.10: what a scrape allocates, and so what it sends, does not depend on how
// many connections there are.
func TestScrapeIsBounded(t *testing.T) {
	allocs := func(n int) float64 {
		r := registry(t, open(t, n))
		return testing.AllocsPerRun(100, func() {
			if _, err := r.Gather(); err != nil {
				t.Error(err)
			}
		})
	}
	few, many := allocs(10), allocs(500)
	if many > few*1.1 {
		t.Errorf("allocations of a scrape = %v with 10 connections, %v with 500", few, many)
	}
}

// Contract 7.10: every code that a client can send gives few series.
func TestSeriesAreBounded(t *testing.T) { synctest.Test(t, seriesAreBounded) }

func seriesAreBounded(t *testing.T) {
	var group sockets.Group
	server := serve(t, &group)
	for code := 3000; code < 5000; code += 97 {
		end(t, dial(t, server), code, "")
	}
	c := socketsprom.NewGroupCollector(&group, "chat")
	if n := testutil.CollectAndCount(c, "sockets_connections_ended_total"); n != 2 {
		t.Errorf("series = %d, want 2", n)
	}
}

// BenchmarkScrape has 10,000 connections: less than a millisecond.
func BenchmarkScrape(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		b.Run(fmt.Sprint(n, " connections"), func(b *testing.B) {
			r := registry(b, open(b, n))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Gather(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
