package sockets_test

import (
	"net"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/gorilla/websocket"
)

// Contract 3.13: the connection ends at the last time that was set, with its code and
// reason, after what the handler sent.
func TestCloseAt(t *testing.T) {
	in := func(d time.Duration) time.Time { return time.Now().Add(d) }
	for _, test := range []struct {
		name  string
		set   func(t *testing.T, c *sockets.Connection)
		code  int
		after time.Duration
	}{
		{"once", func(t *testing.T, c *sockets.Connection) {
			c.CloseAt(in(time.Hour), 4001, "expired")
		}, 4001, time.Hour},
		{"renewed", func(t *testing.T, c *sockets.Connection) {
			for range 10 {
				c.CloseAt(in(time.Hour), 4000, "too early")
				time.Sleep(59 * time.Minute)
			}
			c.CloseAt(in(time.Hour), 4001, "expired")
		}, 4001, 590*time.Minute + time.Hour},
		{"brought forward", func(t *testing.T, c *sockets.Connection) {
			c.CloseAt(in(time.Hour), 4000, "too late")
			c.CloseAt(in(time.Second), 4001, "expired")
		}, 4001, time.Second},
		{"taken back", func(t *testing.T, c *sockets.Connection) {
			c.CloseAt(in(time.Hour), 4000, "")
			c.CloseAt(time.Time{}, 4000, "")
			time.Sleep(100 * time.Hour)
			c.Close(4001, "expired")
		}, 4001, 100 * time.Hour},
		{"past", func(t *testing.T, c *sockets.Connection) {
			c.CloseAt(in(-time.Hour), 4001, "expired")
		}, 4001, 0},
		{"past, before other reasons", func(t *testing.T, c *sockets.Connection) {
			c.CloseAt(in(-time.Hour), 4001, "expired")
			again := c.CloseAt(in(time.Hour), 4000, "too late")
			if err := c.Close(4000, ""); err != net.ErrClosed || again != net.ErrClosed {
				t.Errorf("Close() and CloseAt() after a past time = %v, %v, want net.ErrClosed",
					err, again)
			}
		}, 4001, 0},
		{"wall clock", func(t *testing.T, c *sockets.Connection) {
			c.CloseAt(in(time.Hour).Round(0).UTC(), 4001, "expired")
		}, 4001, time.Hour},
		{"code that must not be sent", func(t *testing.T, c *sockets.Connection) {
			c.CloseAt(in(time.Hour), 1, "expired")
		}, 1011, time.Hour},
		{"ended before", func(t *testing.T, c *sockets.Connection) {
			c.CloseAt(in(time.Hour), 4000, "too late")
			c.Close(4001, "expired")
			if err := c.CloseAt(in(time.Minute), 4000, ""); err != net.ErrClosed {
				t.Errorf("CloseAt() after Close = %v, want net.ErrClosed", err)
			}
		}, 4001, 0},
		{"very late", func(t *testing.T, c *sockets.Connection) {
			c.CloseAt(time.Unix(1<<50, 0), 4000, "")
			time.Sleep(time.Hour)
			c.Close(4001, "expired")
		}, 4001, time.Hour},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			kept := make(chan *sockets.Connection, 1)
			handler := func(c *sockets.Connection, sender chan<- string, done <-chan bool) {
				sender <- "last words"
				test.set(t, c)
				<-done
				kept <- c
			}
			begin := time.Now()
			client := socketstest.Dial(t, apptest.Messages(handler), "/ws")

			got, end := apptest.All(client)

			after := time.Since(begin).Round(time.Second)
			if strings.Join(got, "") != "last words" || apptest.CloseCode(end) != test.code ||
				!strings.HasSuffix(end.Error(), "expired") || after != test.after {
				t.Errorf("received %q and %v after %v, want the last words and %d expired "+
					"after %v", got, end, after, test.code, test.after)
			}
			if err := (<-kept).CloseAt(in(time.Minute), 4000, ""); err != net.ErrClosed {
				t.Errorf("CloseAt() after the end = %v, want net.ErrClosed", err)
			}
		})
	}
}

// Contract 3.13: a time that is not over neither delays another end nor outlasts it.
func TestCloseAtOfAnEndedConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set, late := make(chan bool, 1), make(chan error, 1)
		handler := func(c *sockets.Connection, done <-chan bool) {
			set <- c.CloseAt(time.Now().Add(time.Hour), 4000, "") == nil
			<-done
			late <- c.CloseAt(time.Now().Add(time.Hour), 4000, "")
		}
		client := socketstest.Dial(t, apptest.Messages(handler), "/ws")
		ok := <-set
		client.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""),
			time.Time{})
		if _, end := apptest.All(client); apptest.CloseCode(end) != 1000 || !ok {
			t.Errorf("end = %v, set %v, want 1000, true", end, ok)
		}
		if err := <-late; err != net.ErrClosed {
			t.Errorf("CloseAt() after done = %v, want net.ErrClosed", err)
		}
	})
}

// Contract 3.12, 3.13: neither a time that was moved nor one that was not reached keeps
// the memory of a connection.
func TestCloseAtKeepsNothing(t *testing.T) {
	pointers := make(chan weak.Pointer[sockets.Connection], 1)
	handler := func(c *sockets.Connection) {
		c.CloseAt(time.Now().Add(time.Hour), 4000, "")
		c.CloseAt(time.Now().Add(2*time.Hour), 4000, "")
		pointers <- weak.Make(c)
	}
	server := wstest.NewServer(t, apptest.Messages(handler))
	client := server.Dial("/ws", nil)
	client.ReadClose()
	client.Vanish()
	connection := <-pointers
	for range 1000 {
		if runtime.GC(); connection.Value() == nil {
			return
		}
		time.Sleep(5 * time.Millisecond) // the handler is about to return
	}
	t.Error("a timer keeps the connection")
}
