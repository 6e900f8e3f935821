package e2e

import (
	"log"
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

// end is the error that ended a connection, and how long the connection lasted.
type end struct {
	after time.Duration
	err   error
}

// untilError returns a handler that does nothing for the time busy and then takes
// messages until there is an error, which it sends on ends. With write it also
// sends a message every second.
func untilError(ends chan<- end, busy time.Duration, write bool) any {
	return func(receiver <-chan string, sender chan<- string, errs <-chan error) {
		begin := time.Now()
		time.Sleep(busy)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-receiver:
			case <-tick.C:
				if write {
					sender <- "a"
				}
			case err := <-errs:
				ends <- end{time.Since(begin), err}
				return
			}
		}
	}
}

func pongWait(wait time.Duration) func(*sockets.Options) {
	return func(o *sockets.Options) { o.PongWait = wait }
}

// Contract 3.4: any frame from the client is a sign of life; writing to it is
// not. A silent client is kept for PongWait.
func TestPongWait(t *testing.T) {
	for _, test := range []struct {
		name   string
		client func(*websocket.Conn)
		write  bool // the handler writes every second
		want   time.Duration
	}{
		{name: "silent", client: func(*websocket.Conn) {}, want: 10 * time.Second},
		{name: "silent, written to", client: func(*websocket.Conn) {}, write: true,
			want: 10 * time.Second},
		{name: "answers pings for a minute", client: func(c *websocket.Conn) {
			c.SetReadDeadline(time.Now().Add(time.Minute))
			c.ReadMessage()
		}, want: 70 * time.Second},
		{name: "sends data for a minute", client: func(c *websocket.Conn) {
			for range 10 {
				time.Sleep(6 * time.Second)
				c.WriteMessage(websocket.TextMessage, []byte("a"))
			}
		}, want: 70 * time.Second},
		{name: "pings for a minute", client: func(c *websocket.Conn) {
			for range 10 {
				time.Sleep(6 * time.Second)
				c.WriteControl(websocket.PingMessage, nil, time.Time{})
			}
		}, want: 70 * time.Second},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			ends := make(chan end, 1)
			h := apptest.Messages(untilError(ends, 0, test.write),
				pongWait(10*time.Second))
			test.client(socketstest.Dial(t, h, "/ws"))
			got := <-ends

			// The last answer to a ping may have come up to a period before the
			// minute was over.
			early := 8 * time.Second
			if test.want == 10*time.Second {
				early = 0
			}
			if got.after > test.want || got.after < test.want-early ||
				!apptest.IsTimeout(got.err) {
				t.Errorf("the connection lasted %v, error %v, want %v and a timeout",
					got.after, got.err, test.want)
			}
		})
	}
}

// Contract 6: pings come at random moments in the last fifth of PingPeriod. A
// client that answers them is kept for ever.
func TestPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := socketstest.Dial(t, apptest.Messages(func(done <-chan bool) { <-done }),
			"/ws")
		var gaps []time.Duration
		last := time.Now()
		client.SetPingHandler(func(data string) error {
			gaps = append(gaps, time.Since(last))
			last = time.Now()
			return client.WriteControl(websocket.PongMessage, []byte(data), time.Time{})
		})

		client.SetReadDeadline(time.Now().Add(time.Hour))
		client.ReadMessage()
		synctest.Wait()

		different := map[time.Duration]bool{}
		for _, gap := range gaps {
			different[gap] = true
			if gap < 48*time.Second*8/10 || gap > 48*time.Second {
				t.Errorf("time between two pings = %v, want 38.4s to 48s", gap)
			}
		}
		if len(gaps) < 75 || len(different) < len(gaps)/2 {
			t.Errorf("%d pings in an hour, %d different waits, want over 75, jittered",
				len(gaps), len(different))
		}
	})
}

// Contract 4.4, RFC 6455 5.5.3: a pong has the payload of its ping.
func TestPong(t *testing.T) {
	server := wstest.NewServer(t, apptest.Messages(func(done <-chan bool) { <-done }))
	client := server.Dial("/ws", nil)

	client.Send(wstest.Ping("payload"))

	if got := client.ReadFrame(); got.Opcode != wstest.OpPong ||
		string(got.Payload) != "payload" {
		t.Errorf("answer to a ping = %v, want a pong with its payload", got)
	}
}

// Contract 3.4, 6: PongWait is exact. It starts with the last byte, not the
// last message, and not before the library reads again.
func TestSilence(t *testing.T) {
	half := wstest.Bytes(wstest.Text("hello"))[:8]
	for _, test := range []struct {
		name   string
		client func(*wstest.Raw)
		busy   time.Duration // how long the handler takes nothing
		want   time.Duration // from the start to the error
	}{
		{"from the begin", func(*wstest.Raw) {}, 0, 10 * time.Second},
		{"after a message",
			func(c *wstest.Raw) {
				time.Sleep(9 * time.Second)
				c.Send(wstest.Text("a"))
			}, 0, 19 * time.Second},
		{"after half a message",
			func(c *wstest.Raw) {
				time.Sleep(9 * time.Second)
				c.SendBytes(half)
			}, 0, 19 * time.Second},
		{"after single bytes", func(c *wstest.Raw) {
			for i := range half {
				time.Sleep(9 * time.Second)
				c.SendBytes(half[i : i+1])
			}
		}, 0, 82 * time.Second},
		{"after two, one soon after the other", func(c *wstest.Raw) {
			time.Sleep(6 * time.Second)
			c.Send(wstest.Ping(""))
			time.Sleep(time.Second)
			c.Send(wstest.Ping(""))
		}, 0, 17 * time.Second},
		{"while the handler is busy",
			func(c *wstest.Raw) {
				c.Send(wstest.Text("a"), wstest.Text("b"), wstest.Text("c"))
			}, time.Hour, time.Hour + 10*time.Second},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			ends := make(chan end, 1)
			h := apptest.Messages(untilError(ends, test.busy, false),
				pongWait(10*time.Second),
				func(o *sockets.Options) { o.RecvChannelBuffer = 1 })
			client := wstest.NewMemoryServer(t, h, 0).Dial("/ws", nil)
			client.Wait = 2 * time.Hour

			test.client(client)
			client.Drain()
			got := <-ends

			if got.after != test.want || !apptest.IsTimeout(got.err) ||
				!strings.Contains(got.err.Error(), "nothing received for 10s") {
				t.Errorf("the connection lasted %v, error %v, want %v and a timeout",
					got.after, got.err, test.want)
			}
		})
	}
}

// Contract 3.8: a client that closed first still answers pings from before, and
// reads everything.
func TestPongsAfterThePeersClose(t *testing.T) {
	const n = 40
	sent, pings := make(chan bool, 1), make(pingLines, 1)
	o := &sockets.Options{PingPeriod: 10 * time.Millisecond,
		Logger: log.New(pings, "", 0), LogLevel: sockets.LogLevelDebug}
	handler := func(receiver <-chan string, sender chan<- string, done <-chan bool) {
		<-receiver
		for range n {
			sender <- strings.Repeat("a", 20_000)
		}
		sent <- true
		<-done
	}
	server := wstest.NewServer(t, apptest.App(apptest.Text(o), handler))
	client := server.Dial("/ws", nil)
	client.Send(wstest.Text("go"))
	apptest.Next(t, "sent", sent)
	apptest.Next(t, "ping", (<-chan bool)(pings))
	apptest.Next(t, "ping after all messages", (<-chan bool)(pings))
	client.Send(wstest.Close(1000, ""))

	messages, code := 0, 0
	for code == 0 {
		switch f := client.ReadFrame(); f.Opcode {
		case wstest.OpText:
			messages++
		case wstest.OpPing:
			client.TrySend(wstest.Pong(string(f.Payload)))
		case wstest.OpClose:
			code, _, _ = f.CloseCode()
		}
	}
	if messages != n || code != 1000 {
		t.Errorf("received %d messages and %d, want %d and 1000", messages, code, n)
	}
}

// pingLines is a log that reports the line of each ping.
type pingLines chan bool

func (c pingLines) Write(line []byte) (int, error) {
	if strings.Contains(string(line), "sending a ping") {
		select {
		case c <- true:
		default:
		}
	}
	return len(line), nil
}
