package frame

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// gorillaEvents returns the events that gorilla's own reader finds.
func gorillaEvents(t *testing.T, stream []byte, inflate bool) (got []string, err error) {
	ws := gorilla(t, stream, inflate)
	ws.SetPingHandler(func(payload string) error {
		got = append(got, "9 "+payload)
		return nil
	})
	ws.SetPongHandler(func(payload string) error {
		got = append(got, "a "+payload)
		return nil
	})
	ws.SetCloseHandler(func(int, string) error { return nil })
	for {
		kind, p, err := ws.ReadMessage()
		if err != nil {
			return got, err
		}
		got = append(got, fmt.Sprintf("m%d %s", kind, p))
	}
}

// gorilla returns a server's connection that receives stream.
func gorilla(t *testing.T, stream []byte, inflate bool) *websocket.Conn {
	upgrader := websocket.Upgrader{EnableCompression: inflate, ReadBufferSize: 256}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for name, value := range map[string]string{
		"Connection":               "Upgrade",
		"Upgrade":                  "websocket",
		"Sec-Websocket-Version":    "13",
		"Sec-Websocket-Key":        "dGhlIHNhbXBsZSBub25jZQ==",
		"Sec-Websocket-Extensions": "permessage-deflate",
	} {
		r.Header.Set(name, value)
	}
	ws, err := upgrader.Upgrade(hijacked{in: bytes.NewReader(stream)}, r, nil)
	if err != nil {
		t.Fatal(err)
	}
	return ws
}

// hijacked is the response to a request. It gives a network connection.
type hijacked struct {
	http.ResponseWriter
	net.Conn
	in io.Reader
}

func (h hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h, bufio.NewReadWriter(bufio.NewReader(h), bufio.NewWriter(h)), nil
}

func (h hijacked) Read(p []byte) (int, error)       { return h.in.Read(p) }
func (h hijacked) Write(p []byte) (int, error)      { return len(p), nil }
func (h hijacked) Close() error                     { return nil }
func (h hijacked) SetDeadline(time.Time) error      { return nil }
func (h hijacked) SetWriteDeadline(time.Time) error { return nil }
