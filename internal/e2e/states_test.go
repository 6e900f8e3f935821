package e2e

import (
	"context"
	"errors"
	"fmt"
	"net"
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

// Contract 3.8: after a client has closed first, the library waits only for what may
// still arrive: an answer to a ping, or what the client sent after its close frame.
func TestAfterTheClientsClose(t *testing.T) {
	ping := func(c *wstest.Raw) {
		for c.ReadFrame().Opcode != wstest.OpPing {
		}
	}
	closes := func(c *wstest.Raw) { c.Send(wstest.Close(1000, "")) }
	for _, test := range []struct {
		name   string
		client func(*wstest.Raw)
		want   time.Duration
	}{
		{"nothing is owed", closes, 0},
		{"a ping was answered",
			func(c *wstest.Raw) { ping(c); c.Send(wstest.Pong("")); closes(c) }, 0},
		{"a ping was not answered", func(c *wstest.Raw) { ping(c); closes(c) },
			250 * time.Millisecond},
		{"a pong before the ping",
			func(c *wstest.Raw) {
				c.Send(wstest.Pong(""))
				ping(c)
				closes(c)
			}, 250 * time.Millisecond},
		{"more after its close frame",
			func(c *wstest.Raw) {
				c.Send(wstest.Close(1000, ""), wstest.Text("a"))
			}, 250 * time.Millisecond},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			var group sockets.Group
			o := apptest.Silent(func(o *sockets.Options) {
				o.PingPeriod, o.Group = time.Second, &group
			})
			client := wstest.NewMemoryServer(t,
				apptest.App(apptest.Text(o), apptest.WaitForDone), 0).Dial("/ws", nil)
			test.client(client)
			begin := time.Now()

			client.ReadClose()
			client.ReadEnd()

			if took := time.Since(begin); took != 0 {
				t.Errorf("the stream ended after %v, want 0s", took)
			}
			for synctest.Wait(); group.Len() > 0; synctest.Wait() {
				time.Sleep(time.Millisecond)
			}
			if took := time.Since(begin); took != test.want {
				t.Errorf("the network connection was closed after %v, want %v", took,
					test.want)
			}
		})
	}
}

// Contract 3.6: which of several reasons in quick succession counts.
func TestSeveralReasons(t *testing.T) {
	pause := func(d time.Duration) { time.Sleep(d * time.Millisecond) }
	for _, test := range []struct {
		name string
		end  func(sending)
		code int
	}{
		{"both channels, a code",
			func(s sending) {
				close(s.sender)
				close(s.prepared)
				pause(1)
				s.connection.Close(4100, "")
			}, 4100},
		{"a channel, a panic",
			func(s sending) {
				close(s.sender)
				pause(20)
				panic("a panic of the test")
			}, 1011},
		{"a channel, a late panic",
			func(s sending) {
				close(s.sender)
				pause(30)
				panic("a panic of the test")
			}, 1000},
		{"a channel, then the client", func(s sending) { close(s.sender); <-s.done },
			1000},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			handler := func(sender chan<- string,
				prepared chan<- *sockets.Prepared, disconnect chan<- int,
				done <-chan bool, c *sockets.Connection) {
				test.end(sending{sender, prepared, disconnect, done, c})
			}
			client := wstest.NewMemoryServer(t, apptest.Messages(handler), 0).Dial("/ws",
				nil)
			if strings.Contains(test.name, "client") {
				pause(10)
				client.Send(wstest.Close(4000, ""))
			}

			if code, _ := client.ReadClose(); code != test.code {
				t.Errorf("close code = %d, want %d", code, test.code)
			}
			client.Vanish()
		})
	}
}

// Contract 3.9: messages from the client during a slow flush are offered, as
// long as the handler takes them.
func TestMessagesDuringTheFlush(t *testing.T) {
	for _, buffer := range []int{-1, 10} {
		apptest.Bubble(t, fmt.Sprint(buffer), func(t *testing.T) {
			got := make(chan string, 100)
			h := apptest.Messages(endsAndTakes(got), func(o *sockets.Options) {
				o.RecvChannelBuffer = buffer
			})
			client := wstest.NewMemoryServer(t, h, 1000).Dial("/ws", nil)

			for range 5 {
				client.Send(wstest.Text("early"))
			}
			for range 20 {
				time.Sleep(100 * time.Millisecond)
				client.Send(wstest.Text("later"))
			}
			time.Sleep(5 * time.Second) // nothing is offered
			client.Send(wstest.Text("last"))
			time.Sleep(time.Second)

			if len(got) != 26 {
				t.Errorf("received %d messages, want 26", len(got))
			}
			client.Vanish()
		})
	}
}

// endsAndTakes returns a handler that sends more than the network holds, ends the
// connection, and goes on taking messages slowly.
func endsAndTakes(got chan<- string) any {
	return func(receiver <-chan string, sender chan<- string, disconnect chan<- int,
		done <-chan bool) {
		for range 6 { // too many for the network
			sender <- strings.Repeat("a", 10_000)
		}
		time.Sleep(50 * time.Millisecond)
		disconnect <- 4000
		for {
			time.Sleep(100 * time.Millisecond)
			select {
			case m := <-receiver:
				got <- m
			case <-done:
				return
			}
		}
	}
}

// Contract 3.9: a handler that takes nothing gets done after a quarter of a
// second, whether a message waits in the receiver or for room in it.
func TestNothingIsTaken(t *testing.T) {
	for _, buffer := range []int{-1, 10} {
		synctest.Test(t, func(t *testing.T) {
			h := hold(t,
				apptest.Silent(func(o *sockets.Options) {
					o.RecvChannelBuffer, o.WriteWait = buffer, time.Second
				}))
			h.stall()
			h.client.Send(wstest.Text("a"))
			begin := time.Now()

			<-h.ended

			// A second for the write, a quarter for the message, and a little
			// for polling.
			if took := time.Since(begin); took < 1250*time.Millisecond ||
				took > 1600*time.Millisecond {
				t.Errorf("buffer %d: the handler was told after %v, want about 1.25s",
					buffer, took)
			}
			h.client.Vanish()
		})
	}
}

// Contract 3.9: nothing comes after done.
func TestNothingAfterDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left := make(chan int, 1)
		handler := func(receiver <-chan string, disconnect chan<- int, done <-chan bool) {
			disconnect <- 4000
			<-done
			time.Sleep(time.Second)
			left <- len(receiver)
		}
		client := wstest.NewMemoryServer(t, apptest.Messages(handler), 0).Dial("/ws", nil)
		client.ReadClose()
		time.Sleep(500 * time.Millisecond)
		client.Send(wstest.Text("late"))

		if got := <-left; got != 0 {
			t.Errorf("%d messages in the receiver, want none", got)
		}
		client.Vanish()
	})
}

// Contract 3.11, 2: when the request's context ends, so does the connection's,
// before the flush. In any case it has ended before done, and then Close
// returns net.ErrClosed.
func TestContextBeforeDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := func(ctx context.Context, done <-chan bool, c *sockets.Connection) {
			<-done
			if err := c.Close(4000, ""); ctx.Err() == nil ||
				!errors.Is(err, net.ErrClosed) {
				t.Errorf("after done: the context's error = %v, Close() = %v, "+
					"want both closed", ctx.Err(), err)
			}
		}
		client := wstest.NewMemoryServer(t, apptest.Messages(handler), 0).Dial("/ws", nil)
		client.Send(wstest.Close(1000, ""))
		client.ReadClose()
		client.ReadEnd()
	})
	synctest.Test(t, func(t *testing.T) {
		request, cancel := context.WithCancel(t.Context())
		ended := make(chan time.Time, 1)
		handler := func(ctx context.Context, sender chan<- string, done <-chan bool) {
			sender <- strings.Repeat("a", 10_000) // too large for the network
			<-ctx.Done()
			ended <- time.Now()
			<-done
		}
		server := wstest.Serve(t, mempipe.Listen(1000), &http.Server{
			Handler:     apptest.Messages(handler),
			BaseContext: func(net.Listener) context.Context { return request },
		})
		client := server.Dial("/ws", nil)
		time.Sleep(time.Second)
		begin := time.Now()
		cancel()

		if took := (<-ended).Sub(begin); took != 0 {
			t.Errorf("the context ended after %v, want 0s", took)
		}
		client.Vanish()
	})
}

// Contract 4.4: the reason stays if the code is replaced.
func TestReasonOfAReplacedCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := wstest.NewMemoryServer(t,
			apptest.Messages(func(c *sockets.Connection) { c.Close(999, "why") }),
			0).Dial("/ws", nil)

		if code, reason := client.ReadClose(); code != 1011 || reason != "why" {
			t.Errorf("close frame = %d, %q, want 1011, why", code, reason)
		}
		client.Vanish()
	})
}
