package e2e

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/mempipe"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// Contract 3.3: on a slow network neither channel starves because of the other
// or because of the client's pings: a send blocks for at most WriteWait.
func TestNoChannelStarves(t *testing.T) {
	for _, test := range []struct {
		name string
		size int           // of the messages; a large one fills a batch alone
		slow time.Duration // the time of each write
	}{
		{"small", 1, 9 * time.Second},
		{"large", 20_000, 1500 * time.Millisecond}, // each message takes two writes
	} {
		t.Run(test.name,
			func(t *testing.T) {
				noChannelStarves(t, strings.Repeat("a", test.size), test.slow)
			})
	}
}

func noChannelStarves(t *testing.T, message string, slow time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		const wait, n = 10 * time.Second, 40
		longest := make(chan time.Duration, 2)
		listener := wstest.Count(mempipe.Listen(1 << 22))
		handler := func(sender chan<- string, prepared chan<- *sockets.Prepared,
			done <-chan bool) {
			go func() { longest <- slowest(n, func() { sender <- message }) }()
			p := apptest.Prepared(t, message)
			go func() { longest <- slowest(n, func() { prepared <- p }) }()
			<-done
		}
		server := wstest.Serve(t, listener,
			&http.Server{Handler: apptest.Messages(handler, func(o *sockets.Options) {
				o.WriteWait, o.SendChannelBuffer = wait, -1
			})})
		client := server.Dial("/ws", nil)
		listener.Conn(t).Slow(slow)
		pinged := make(chan struct{})
		go func() { // ends when the client has vanished
			defer close(pinged)
			for client.TrySend(wstest.Ping("")) == nil {
				time.Sleep(time.Second)
			}
		}()

		for range 2 {
			if got := <-longest; got > wait {
				t.Errorf("a send was blocked for %v, want at most %v", got, wait)
			}
		}
		client.Vanish()
		<-pinged
	})
}

// slowest returns the longest time that one of n sends took.
func slowest(n int, send func()) (longest time.Duration) {
	for range n {
		begin := time.Now()
		send()
		longest = max(longest, time.Since(begin))
	}
	return longest
}

// Contract 4.5: pings are answered in order, each with its own pong. If more
// than 16 wait, the newest are answered.
func TestManyPings(t *testing.T) {
	for _, n := range []int{1, 10, 16, 40} {
		synctest.Test(t, func(t *testing.T) {
			listener := wstest.Count(mempipe.Listen(0))
			server := wstest.Serve(t, listener,
				&http.Server{Handler: apptest.Messages(apptest.Echo[string])})
			client := server.Dial("/ws", nil)
			conn := listener.Conn(t)
			conn.Stall()
			client.Send(wstest.Text("stalls"))
			synctest.Wait()

			for i := range n {
				client.Send(wstest.Ping(string(rune('A' + i))))
				synctest.Wait() // the next ping overwrites this one's memory
			}
			conn.Resume()

			client.ReadMessage()
			for i := max(0, n-16); i < n; i++ {
				if f := client.ReadFrame(); f.Opcode != wstest.OpPong ||
					string(f.Payload) != string(rune('A'+i)) {
					t.Errorf("of %d pings, answer %d = %v, want %q", n, i, f, rune('A'+i))
				}
			}
		})
	}
}

// Contract 4.2, 4.5: pongs that are owed go out before the close frame of a violation.
func TestPongsBeforeTheCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := wstest.NewMemoryServer(t, apptest.Messages(apptest.WaitForDone),
			0).Dial("/ws", nil)

		client.Send(wstest.Ping("1"), wstest.Ping("2"), wstest.Text("a").WithOpcode(3))

		for _, want := range []string{"1", "2"} {
			if f := client.ReadFrame(); f.Opcode != wstest.OpPong ||
				string(f.Payload) != want {
				t.Errorf("answer = %v, want a pong with %s", f, want)
			}
		}
		if code, _ := client.ReadClose(); code != 1002 {
			t.Errorf("close code = %d, want 1002", code)
		}
	})
}
