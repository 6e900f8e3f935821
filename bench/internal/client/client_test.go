package client

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/bench/internal/frame"
)

func TestDialMany(t *testing.T) {
	g, err := DialMany(t.Context(), serve(t, echo), "/", 40, Options{Window: 4096})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	for _, c := range g {
		if _, err := c.Write(frame.Text([]byte("hi"))); err != nil {
			t.Fatal(err)
		}
		got := ""
		_, err := c.Batch(func(p []byte) error { got = string(p); return nil })
		if got != "hi" || err != nil {
			t.Errorf("echo = %q, %v, want hi", got, err)
		}
	}
}

func TestDialRefused(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"forbidden": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "no", http.StatusForbidden)
		},
		"dropped": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 8<<10))
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := DialMany(t.Context(), serve(t, h), "/", 3, Options{})
			if !errors.Is(err, ErrHandshake) {
				t.Errorf("DialMany = %v, want %v", err, ErrHandshake)
			}
		})
	}
}

func TestDialCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := DialMany(ctx, "127.0.0.1:1", "/", 3, Options{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("DialMany = %v, want %v", err, context.Canceled)
	}
}

func serve(t *testing.T, h http.HandlerFunc) (addr string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.Listener.Addr().(*net.TCPAddr).String()
}

func echo(w http.ResponseWriter, r *http.Request) {
	c, err := new(websocket.Upgrader).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer c.Close()
	for {
		kind, p, err := c.ReadMessage()
		if err != nil || c.WriteMessage(kind, p) != nil {
			return
		}
	}
}
