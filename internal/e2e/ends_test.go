package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/mempipe"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/gorilla/websocket"
)

// sending holds everything that a handler can send on, or end a connection with.
type sending struct {
	sender     chan<- string
	prepared   chan<- *sockets.Prepared
	disconnect chan<- int
	done       <-chan bool
	connection *sockets.Connection
}

// handlerEndsTest is a row of TestHandlerEnds.
type handlerEndsTest struct {
	name string
	end  func(sending)
	code int
}

// endings lists the ways in which a handler ends a connection.
var endings = []handlerEndsTest{
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

// Contract 3.5, 3.6, 4.4: however a handler ends a connection, what it sent
// before goes out first, and then the close frame.
func TestHandlerEnds(t *testing.T) {
	for _, test := range endings {
		for _, buffer := range []int{0, -1, 100} {
			name := fmt.Sprintf("%s, buffer %d", test.name, buffer)
			apptest.Bubble(t, name, func(t *testing.T) { test.run(t, buffer) })
		}
	}
}

func (test handlerEndsTest) run(t *testing.T, buffer int) {
	handler := func(sender chan<- string, prepared chan<- *sockets.Prepared,
		disconnect chan<- int, done <-chan bool, c *sockets.Connection) {
		for i := range 20 {
			sender <- fmt.Sprint(i)
		}
		prepared <- apptest.Prepared(t, "prepared")
		test.end(sending{sender, prepared, disconnect, done, c})
	}
	h := apptest.Messages(handler, func(o *sockets.Options) {
		o.SendChannelBuffer = buffer
	})

	got, end := apptest.All(socketstest.Dial(t, h, "/ws"))

	typed := strings.Join(without(got, "prepared"), " ")
	want := "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19"
	if typed != want || len(got) != 21 || apptest.CloseCode(end) != test.code {
		t.Errorf("received %q and %v, want %q, a prepared message and %d",
			got, end, want, test.code)
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

// Contract 3.5, 8.1: a prepared message sent before the code goes out, even if
// another goroutine keeps sending typed messages.
func TestPreparedIsNotLost(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			listener := wstest.Count(mempipe.Listen(0))
			sent := make(chan bool)
			handler := func(sender chan<- string, prepared chan<- *sockets.Prepared,
				disconnect chan<- int, done <-chan bool) {
				<-sent
				sender <- strings.Repeat("a", 20_000) // the network stalls
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
