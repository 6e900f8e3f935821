package sockets_test

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/go-martini/martini"
	"github.com/gorilla/websocket"
)

// silent is the options of tests that do not look at the log. fill changes them.
func silent(fill ...func(*sockets.Options)) *sockets.Options {
	o := &sockets.Options{SkipLogging: true}
	for _, f := range fill {
		f(o)
	}
	return o
}

// app is a Martini that says nothing, with handlers at /ws.
func app(handlers ...martini.Handler) http.Handler {
	r := martini.NewRouter()
	r.Get("/ws", handlers...)
	m := martini.New()
	m.Logger(log.New(io.Discard, "", 0))
	m.Use(martini.Recovery())
	m.Action(r.Handle)
	return m
}

// outcome is what a handler was told of the end of its connection.
type outcome struct {
	received []string
	err      error
	errs     int
	done     bool
}

// untilDone takes everything that a connection of strings has to tell, errors
// before done as a handler's select does, and sends it on the returned channel.
func untilDone() (func(<-chan string, <-chan bool, <-chan error), <-chan outcome) {
	outcomes := make(chan outcome, 100)
	return func(receiver <-chan string, done <-chan bool, errs <-chan error) {
		var o outcome
		for !o.done {
			select {
			case m := <-receiver:
				o.received = append(o.received, m)
			case err, ok := <-errs:
				if ok {
					o.errs++
					o.err = err
				}
			case o.done = <-done:
			}
		}
		outcomes <- o
	}, outcomes
}

// next is what comes next on a channel; it fails the test when nothing does.
func next[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(wstest.Wait):
		t.Fatalf("%s: nothing came", what)
		panic("unreachable")
	}
}

// closeCode is the code of a *websocket.CloseError in err, 0 where there is none.
func closeCode(err error) int {
	var e *websocket.CloseError
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// isTimeout reports whether err tells of a timeout in the way that the contract
// promises.
func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// echoOf sends back messages of any type.
func echoOf[M any](receiver <-chan M, sender chan<- M, done <-chan bool) {
	for {
		select {
		case m := <-receiver:
			sender <- m
		case <-done:
			return
		}
	}
}
