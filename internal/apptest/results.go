package apptest

import (
	"errors"
	"net"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/gorilla/websocket"
)

// Next returns the next value on a channel. It fails the test if none comes.
func Next[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(wstest.Wait):
		t.Fatalf("%s: nothing came", what)
		panic("unreachable")
	}
}

// All returns the messages that a client receives, and the error that ends them.
func All(client *websocket.Conn) (got []string, end error) {
	for {
		_, p, err := client.ReadMessage()
		if err != nil {
			return got, err
		}
		got = append(got, string(p))
	}
}

// CloseCode returns the code of the *websocket.CloseError in err, or 0.
func CloseCode(err error) int {
	var e *websocket.CloseError
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// IsTimeout reports whether err is a timeout in the way that the contract
// promises.
func IsTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// Prepared prepares a text.
func Prepared(t testing.TB, text string) *sockets.Prepared {
	t.Helper()
	p, err := sockets.PrepareText(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
