package e2e

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/gorilla/websocket"
)

// Contract 3.10: from the end until the handler has returned, no send blocks.
func TestNothingBlocksAfterTheEnd(t *testing.T) {
	for _, end := range []string{"peer", "vanished", "handler", "stalled"} {
		for _, buffer := range []int{0, -1} {
			apptest.Bubble(t, fmt.Sprint(end, buffer), func(t *testing.T) {
				nothingBlocks(t, end, buffer)
			})
		}
	}
}

func nothingBlocks(t *testing.T, end string, buffer int) {
	sent := make(chan int, 1)
	handler := func(sender chan<- string, prepared chan<- *sockets.Prepared,
		disconnect chan<- int, done <-chan bool) {
		if end == "handler" {
			disconnect <- 1000
		}
		for range map[string]int{"stalled": 100}[end] {
			sender <- strings.Repeat("a", 1000)
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
	client := apptest.Dial(t, server, "/ws")

	switch end {
	case "peer":
		client.WriteControl(websocket.CloseMessage, nil, time.Time{})
	case "vanished":
		client.Close()
	}

	if got := <-sent; got != 1000 {
		t.Errorf("sent = %d, want 1000", got)
	}
}

// Contract 3.10: after the handler has closed the sender, its other sends do not block.
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

// Contract 3.10: channels that the handler closes after the end keep no goroutine busy.
func TestClosedAfterDone(t *testing.T) {
	for _, closes := range []func(sending){
		func(s sending) { close(s.sender) },
		func(s sending) { close(s.prepared) },
		func(s sending) { close(s.disconnect) },
	} {
		synctest.Test(t, func(t *testing.T) {
			handler := func(sender chan<- string,
				prepared chan<- *sockets.Prepared, disconnect chan<- int,
				done <-chan bool, c *sockets.Connection) {
				<-done
				closes(sending{sender, prepared, disconnect, done, c})
				// the bubble's time only passes if every goroutine waits
				time.Sleep(time.Second)
			}
			client := wstest.NewMemoryServer(t, apptest.Messages(handler), 0).Dial("/ws",
				nil)
			client.Send(wstest.Close(1000, ""))
			client.ReadClose()
			client.ReadEnd()
		})
	}
}

// Contract 3.12: after the end of a connection, its channels are empty.
func TestChannelsAreEmptied(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			var prepared chan<- *sockets.Prepared
			var receiver <-chan string
			handler := func(r <-chan string, p chan<- *sockets.Prepared,
				done <-chan bool) {
				prepared, receiver = p, r
				<-done
				message := apptest.Prepared(t, "a")
				for range 20 {
					p <- message
				}
			}
			client := wstest.NewMemoryServer(t, apptest.Messages(handler), 0).Dial("/ws",
				nil)
			client.Send(wstest.Text("a"), wstest.Close(1000, ""))
			client.ReadClose()
			client.ReadEnd()
			time.Sleep(time.Second) // the handler has returned
			synctest.Wait()

			if len(prepared) != 0 || len(receiver) != 0 {
				t.Errorf("%d prepared messages, %d received ones, want none",
					len(prepared), len(receiver))
			}
		})
	}
}
