package sockets_test

import (
	"fmt"
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
	"github.com/beatrichartz/martini-sockets/internal/stacks"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/gorilla/websocket"
)

// Contract 3.1: every kind of message has three goroutines. None is left when
// the handler has returned.
func TestThreeGoroutines(t *testing.T) {
	for _, test := range []struct {
		name    string
		handler any
	}{
		{"JSON", apptest.JSON(struct{}{}, apptest.Silent())},
		{"Messages", apptest.Text(apptest.Silent())},
		{"ByteSliceMessages", apptest.Bytes(apptest.Silent())},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			before := bridges()
			client := socketstest.Dial(t,
				apptest.App(test.handler, apptest.WaitForDone), "/ws")
			synctest.Wait()
			during := len(without(bridges(), before))

			client.WriteControl(websocket.CloseMessage, nil, time.Time{})
			client.ReadMessage()
			time.Sleep(time.Second)
			synctest.Wait()

			after := len(without(bridges(), before))
			if during != 3 || after != 0 {
				t.Errorf("goroutines = %d, then %d, want 3, then 0", during, after)
			}
		})
	}
}

// bridges returns the IDs of the goroutines that connections have started.
func bridges() (ids []string) {
	creator := "created by github.com/beatrichartz/martini-sockets.(*bridge"
	for _, g := range stacks.With(creator) {
		ids = append(ids, g.ID)
	}
	return ids
}

// without returns ids without those in before: the goroutines of an earlier test may
// still be exiting.
func without(ids, before []string) []string {
	return slices.DeleteFunc(ids, func(id string) bool {
		return slices.Contains(before, id)
	})
}

// Contract 3.2: messages arrive whole, in order, without loss or repetition, in
// both directions, and fragments are joined.
func TestOrder(t *testing.T) {
	const n = 5000
	server := wstest.NewServer(t, apptest.Messages(apptest.Echo[string]))
	client := server.Dial("/ws", nil)

	go func() {
		for i := range n {
			m := fmt.Sprintf("message %d", i)
			frames := wstest.Bytes(wstest.Text(m))
			if i%3 == 0 {
				frames = wstest.Bytes(wstest.Text(m[:4]).More(), wstest.Ping("p"),
					wstest.Continuation("").More(), wstest.Continuation(m[4:]))
			}
			client.Conn.Write(frames)
		}
	}()

	for i := range n {
		if _, got := client.ReadMessage(); string(got) != fmt.Sprintf("message %d", i) {
			t.Fatalf("message %d = %q", i, got)
		}
	}
}

// Contract 3.3: when the receiver is full, the library stops reading, so the
// buffers limit what a client can send.
func TestBackPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan bool)
		server := socketstest.NewServer(t, apptest.Messages(func() { <-release }))
		server.Buffer = 1024
		client, _, err := server.Dial("/ws", nil)
		if err != nil {
			t.Fatal(err)
		}
		var sent atomic.Int64
		go func() {
			for client.WriteMessage(websocket.TextMessage, make([]byte, 1000)) == nil {
				sent.Add(1)
			}
		}()

		synctest.Wait()

		// 10 in the receiver, one held by the reader, some in the read buffer
		// and in 1 KiB of network.
		if n := sent.Load(); n < 11 || n > 17 {
			t.Errorf("sent = %d messages of 1000 bytes, want 11 to 17", n)
		}
		close(release)
	})
}

// Contract 3.3: when the sender is full, the handler blocks for at most WriteWait.
func TestBlockedSender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var blocked time.Duration
		var err error
		handler := func(sender chan<- string, done <-chan bool, errs <-chan error) {
			for range 100 {
				begin := time.Now()
				sender <- strings.Repeat("a", 1000)
				blocked = max(blocked, time.Since(begin))
			}
			err = <-errs
			<-done
		}
		server := socketstest.NewServer(t,
			apptest.Messages(handler, func(o *sockets.Options) {
				o.WriteWait = 7 * time.Second
			}))
		server.Buffer = 4096
		if _, _, err := server.Dial("/ws", nil); err != nil {
			t.Fatal(err)
		}

		time.Sleep(time.Minute)
		synctest.Wait()

		if blocked != 7*time.Second || !apptest.IsTimeout(err) {
			t.Errorf("blocked for %v, error %v, want 7s and a timeout", blocked, err)
		}
	})
}

// Contract 3.4: the time that the library waits for the handler does not count
// against PongWait.
func TestSlowHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		handler := func(receiver <-chan string, done <-chan bool) {
			for range 5 {
				time.Sleep(10 * time.Minute)
				got = append(got, <-receiver)
			}
			<-done
		}
		client := socketstest.Dial(t,
			apptest.Messages(handler, func(o *sockets.Options) {
				o.RecvChannelBuffer = -1
			}), "/ws")
		go func() {
			for i := range 5 {
				client.WriteMessage(websocket.TextMessage, fmt.Append(nil, i))
			}
			client.WriteControl(websocket.CloseMessage,
				websocket.FormatCloseMessage(1000, ""), time.Time{})
		}()

		_, _, err := client.ReadMessage()
		synctest.Wait()

		if len(got) != 5 || apptest.CloseCode(err) != 1000 {
			t.Errorf("received = %q, the client's end = %v, want five messages and 1000",
				got, err)
		}
	})
}

// Contract 2: the Connection knows the client's address and the subprotocol.
func TestConnection(t *testing.T) {
	type facts struct {
		addr        net.Addr
		subprotocol string
	}
	seen := make(chan facts, 1)
	server := wstest.NewServer(t,
		apptest.Messages(func(c *sockets.Connection) {
			seen <- facts{c.RemoteAddr(), c.Subprotocol()}
		}, func(o *sockets.Options) {
			o.Upgrader = &websocket.Upgrader{Subprotocols: []string{"chat"}}
		}))

	client := server.Dial("/ws", http.Header{"Sec-Websocket-Protocol": {"other, chat"}})

	if got := apptest.Next(t, "facts",
		seen); got.addr.String() != client.Conn.LocalAddr().String() ||
		got.subprotocol != "chat" {
		t.Errorf("RemoteAddr, Subprotocol = %v, want %v, chat", got,
			client.Conn.LocalAddr())
	}
}

// Contract 2: Close sends a code and a reason. Only the first call counts.
func TestConnectionClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var first, second, third error
		handler := func(c *sockets.Connection, sender chan<- string, done <-chan bool) {
			sender <- "last words"
			first = c.Close(4000, "enough")
			second = c.Close(4001, "really")
			<-done
			third = c.Close(4002, "")
		}
		client := socketstest.Dial(t, apptest.Messages(handler), "/ws")

		_, got, _ := client.ReadMessage()
		_, _, err := client.ReadMessage()
		synctest.Wait()

		if string(got) != "last words" || apptest.CloseCode(err) != 4000 ||
			!strings.Contains(err.Error(), "enough") {
			t.Errorf("received %q and %v, want what was sent before, and 4000 with the "+
				"reason", got, err)
		}
		if first != nil || second != net.ErrClosed || third != net.ErrClosed {
			t.Errorf("Close = %v, %v, %v, want nil and twice net.ErrClosed", first,
				second, third)
		}
	})
}

// Contract 6: an unbuffered receiver and sender work like buffered ones.
func TestUnbuffered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := socketstest.Dial(t,
			apptest.Messages(apptest.Echo[string], func(o *sockets.Options) {
				o.SendChannelBuffer, o.RecvChannelBuffer = -1, -1
			}), "/ws")

		for i := range 100 {
			client.WriteMessage(websocket.TextMessage, fmt.Append(nil, i))
			if _, got, err := client.ReadMessage(); err != nil ||
				string(got) != fmt.Sprint(i) {
				t.Fatalf("ReadMessage() = %q, %v, want %d", got, err, i)
			}
		}
	})
}
