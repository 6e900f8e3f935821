package main

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/socketstest"
)

func TestEcho(t *testing.T) {
	client := socketstest.Dial(t, app(), "/socket")
	for _, want := range [][]byte{{0, 0xff, 'a'}, {}, bytes.Repeat([]byte{0x80}, 4096)} {
		client.WriteMessage(websocket.BinaryMessage, want)
		kind, got, err := client.ReadMessage()
		if err != nil || kind != websocket.BinaryMessage || !bytes.Equal(got, want) {
			t.Errorf("ReadMessage() = %d, %d bytes, %v, want the %d bytes that were sent",
				kind, len(got), err, len(want))
		}
	}
}

func TestNobodyIsHurt(t *testing.T) {
	apptest.Unhurt(t, apptest.Program{
		Serve: func(*testing.T) http.Handler { return app() },
		Say:   func(text string) any { return []byte(text) },
		Alone: true,
	})
}
