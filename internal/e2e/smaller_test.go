package e2e

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// Contract 3.10: a handler that only sends does not spin after the end. In a bubble it lets
// time pass.
func TestSendingOnDoesNotSpin(t *testing.T) {
	for _, end := range []func(*wstest.Raw){
		func(c *wstest.Raw) { c.Send(wstest.Close(1000, "")) },
		func(c *wstest.Raw) { c.Vanish() },
	} {
		synctest.Test(t, func(t *testing.T) {
			sent := make(chan int, 1)
			server := wstest.NewMemoryServer(t, apptest.Messages(func(sender chan<- string,
				done <-chan bool) {
				begin, n := time.Now(), 0
				for ; time.Since(begin) < time.Minute; n++ {
					sender <- "a"
					select {
					case now := <-done:
						if now {
							begin, n = time.Now(), 0
						}
					default:
					}
				}
				sent <- n
			}), 0)
			client := server.Dial("/ws", nil)
			end(client)
			if n := <-sent; n > 70_000 {
				t.Errorf("sent %d messages in a minute after the end, want about one a "+
					"millisecond", n)
			}
			client.Vanish()
		})
	}
}

// waits is a message whose MarshalJSON waits for the connection's end.
type waits struct{ ctx context.Context }

func (w *waits) MarshalJSON() ([]byte, error) {
	<-w.ctx.Done()
	return []byte("1"), nil
}

// UnmarshalJSON is what makes it a type of messages.
func (w *waits) UnmarshalJSON([]byte) error { return nil }

// Contract 2, 7.2: the context ends when the end is decided, so a message's method that
// waits for it holds up nothing.
func TestMethodWaitsForTheContext(t *testing.T) {
	for name, end := range map[string]func(*wstest.Raw, *sockets.Group, chan<- int){
		"client":   func(c *wstest.Raw, _ *sockets.Group, _ chan<- int) { c.Send(wstest.Close(1000, "")) },
		"shutdown": func(_ *wstest.Raw, g *sockets.Group, _ chan<- int) { g.Shutdown(context.Background()) },
		"handler":  func(_ *wstest.Raw, _ *sockets.Group, d chan<- int) { d <- 4000 },
	} {
		apptest.Bubble(t, name, func(t *testing.T) {
			group := new(sockets.Group)
			codes := make(chan chan<- int, 1)
			server := wstest.NewMemoryServer(t, apptest.App(
				apptest.JSON(waits{}, apptest.In(group)),
				func(ctx context.Context, sender chan<- *waits, disconnect chan<- int,
					done <-chan bool) {
					sender <- &waits{ctx}
					codes <- disconnect
					<-done
				}), 0)
			client := server.Dial("/ws", nil)
			disconnect := <-codes
			synctest.Wait()
			begin := time.Now()
			go func() { // ends with its call
				end(client, group, disconnect)
			}()
			client.ReadClose()
			client.TrySend(wstest.Close(1000, "")) // the server may have closed
			for synctest.Wait(); group.Len() > 0; synctest.Wait() {
				time.Sleep(time.Millisecond)
			}
			if took := time.Since(begin); took > 500*time.Millisecond {
				t.Errorf("the connection ended after %v, want at once", took)
			}
			client.Vanish()
		})
	}
}

// Contract 3.6: of several things that a handler does, the first counts, every time.
func TestFirstReasonCounts(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(disconnect chan<- int, c *sockets.Connection)
		want int
	}{
		{"code, panic", func(d chan<- int, _ *sockets.Connection) {
			d <- 4000
			panic("a panic of the test")
		}, 4000},
		{"Close, code", func(d chan<- int, c *sockets.Connection) {
			c.Close(4001, "")
			d <- 4002
		}, 4001},
		{"code, Close", func(d chan<- int, c *sockets.Connection) {
			d <- 4002
			c.Close(4001, "")
		}, 4002},
		{"code, Close, while the closer waits", func(d chan<- int, c *sockets.Connection) {
			time.Sleep(5 * time.Millisecond)
			d <- 4002
			c.Close(4001, "")
		}, 4002},
		{"Close, panic", func(d chan<- int, c *sockets.Connection) {
			c.Close(4001, "")
			panic("a panic of the test")
		}, 4001},
		{"Close, return", func(d chan<- int, c *sockets.Connection) { c.Close(4001, "") }, 4001},
		{"code, return", func(d chan<- int, c *sockets.Connection) { d <- 4002 }, 4002},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := wstest.NewServer(t, apptest.Messages(
				func(disconnect chan<- int, c *sockets.Connection) { test.do(disconnect, c) }))
			for range 50 {
				client := server.Dial("/ws", nil)
				if code, _ := client.ReadClose(); code != test.want {
					t.Fatalf("close code = %d, want %d", code, test.want)
				}
				client.Vanish()
			}
		})
	}
}

// Contract 7.5: a message counts when the network has taken it.
func TestStatsOfAStalledNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		group := new(sockets.Group)
		h := hold(t, apptest.Silent(func(o *sockets.Options) {
			o.Group, o.WriteWait = group, time.Second
		}))
		h.sender <- "goes out"
		synctest.Wait()
		h.stall()
		h.sender <- "waits"
		<-h.ended
		synctest.Wait()
		if s := group.Stats(); s.MessagesOut != 1 || s.BytesOut != int64(len("goes out")) {
			t.Errorf("out: %d messages, %d bytes, want the one that the network took",
				s.MessagesOut, s.BytesOut)
		}
	})
}
