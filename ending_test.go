package sockets_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/gorilla/websocket"
)

// errorsTest is a row of TestErrors.
type errorsTest struct {
	name  string
	end   func(*wstest.Raw)
	check func(error) bool // nil for a regular end
	warns bool             // the client broke a rule
}

// Contract 4.1, 4.2: an irregular end gives one error, which errors.Is and errors.As
// can tell apart; a regular end gives none. A regular end logs no warning (contract 6).
func TestErrors(t *testing.T) {
	as := func(target any) func(error) bool {
		return func(err error) bool { return errors.As(err, target) }
	}
	is := func(target error) func(error) bool {
		return func(err error) bool { return errors.Is(err, target) }
	}
	for _, test := range []errorsTest{
		{"close 1000", func(c *wstest.Raw) { c.Send(wstest.Close(1000, "")) }, nil,
			false},
		{"close 1001", func(c *wstest.Raw) { c.Send(wstest.Close(1001, "")) }, nil,
			false},
		{"close without a code", func(c *wstest.Raw) { c.Send(wstest.CloseRaw(nil)) },
			nil, false},
		{"close 1000 and gone",
			func(c *wstest.Raw) {
				c.Send(wstest.Close(1000, ""))
				c.Reset()
			}, nil, false},
		{"close 1011", func(c *wstest.Raw) { c.Send(wstest.Close(1011, "bad\nthing")) },
			func(err error) bool { return apptest.CloseCode(err) == 1011 }, false},
		{"JSON syntax", func(c *wstest.Raw) { c.Send(wstest.Text("{")) },
			as(new(*json.SyntaxError)), true},
		{"JSON type", func(c *wstest.Raw) { c.Send(wstest.Text(`{"Text":1}`)) },
			as(new(*json.UnmarshalTypeError)), true},
		{"trailing data", func(c *wstest.Raw) { c.Send(wstest.Text("{} {}")) },
			as(new(*json.SyntaxError)), true},
		{"no JSON", func(c *wstest.Raw) { c.Send(wstest.Text("")) },
			as(new(*json.SyntaxError)), true},
		{"not UTF-8", func(c *wstest.Raw) { c.Send(wstest.Text("\"\xff\"")) },
			is(sockets.ErrInvalidUTF8), true},
		{"too big",
			func(c *wstest.Raw) {
				c.Send(wstest.Text(strings.Repeat("a", 65537)))
			}, is(websocket.ErrReadLimit), true},
		{"EOF", func(c *wstest.Raw) { c.Conn.Close() },
			func(err error) bool {
				return errors.Is(err, io.ErrUnexpectedEOF) &&
					apptest.CloseCode(err) == 1006
			}, false},
		{"half-closed", func(c *wstest.Raw) { c.CloseWrite() }, is(io.ErrUnexpectedEOF),
			false},
		{"reset", func(c *wstest.Raw) { c.Reset() }, is(syscall.ECONNRESET), false},
		{"gone within a frame",
			func(c *wstest.Raw) {
				c.SendBytes(wstest.Bytes(wstest.Text("abc"))[:5])
				c.Conn.Close()
			}, is(io.ErrUnexpectedEOF), false},
	} {
		t.Run(test.name, test.run)
	}
}

func (test errorsTest) run(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	got := make(chan []error, 1)
	o := &sockets.Options{Logger: log.New(&lines, "", 0),
		LogLevel: sockets.LogLevelWarning}
	handler := func(receiver <-chan *text, done <-chan bool, errs <-chan error) {
		var list []error
		for open := true; open; {
			var err error
			if err, open = <-errs; open {
				list = append(list, err)
			}
		}
		<-done
		got <- list
	}
	server := wstest.NewServer(t, apptest.App(apptest.JSON(text{}, o), handler))
	client := server.Dial("/ws", nil)

	test.end(client)
	list := apptest.Next(t, "errors", got)

	regular := test.check == nil
	if regular != (len(list) == 0) || len(list) > 1 || !regular &&
		!test.check(list[0]) {
		t.Errorf("errors = %v, regular %t", list, regular)
	}
	if test.warns != strings.HasPrefix(lines.String(), "[Warning] ") ||
		strings.Count(lines.String(), "\n") > 1 {
		t.Errorf("log = %q, want a warning: %t", lines.String(), test.warns)
	}
}

// flood is a handler that sends without end and takes what comes, until done.
func flood(outcomes chan<- apptest.Outcome) any {
	return func(receiver <-chan string, sender chan<- string, done <-chan bool,
		errs <-chan error) {
		var o apptest.Outcome
		for !o.Done {
			select {
			case m := <-receiver:
				o.Received = append(o.Received, m)
			case sender <- strings.Repeat("a", 1000):
				time.Sleep(time.Millisecond) // lets the bubble's time pass
			case err, ok := <-errs:
				if ok {
					o.Err = err
				}
			case o.Done = <-done:
			}
		}
		outcomes <- o
	}
}

// Contract 4.1, "regular": a peer sends messages and a close frame with 1000, and
// vanishes while the handler sends without end. The messages and the close frame
// count, not the write that fails.
func TestPeerClosesWhileWritten(t *testing.T) {
	for wait := range 20 {
		synctest.Test(t, func(t *testing.T) {
			outcomes := make(chan apptest.Outcome, 1)
			h := apptest.Messages(flood(outcomes))
			client := wstest.NewMemoryServer(t, h, 5000).Dial("/ws", nil)
			time.Sleep(time.Duration(wait) * time.Millisecond)

			client.Send(wstest.Text("1"), wstest.Text("2"), wstest.Text("3"),
				wstest.Close(1000, ""))
			client.Vanish()

			if o := <-outcomes; len(o.Received) != 3 || o.Err != nil {
				t.Errorf("after %d ms: received %q, error %v, want 1, 2, 3 and none",
					wait, o.Received, o.Err)
			}
		})
	}
}

// Contract 4.2: no close frame is sent once the network is gone. PongWait
// detects a client that has vanished.
func TestVanished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler, outcomes := apptest.UntilDone()
		server := wstest.NewMemoryServer(t, apptest.Messages(handler), 0)
		client := server.Dial("/ws", nil)

		begin := time.Now()
		o := <-outcomes

		if !apptest.IsTimeout(o.Err) || time.Since(begin) != time.Minute {
			t.Errorf("error = %v after %v, want a timeout after 1m", o.Err,
				time.Since(begin))
		}
		for f, err := client.NextFrame(); err == nil; f, err = client.NextFrame() {
			if f.Opcode != wstest.OpPing {
				t.Errorf("the library sent %v, want pings alone", f)
			}
		}
	})
}
