package sockets_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/go-martini/martini"
	"github.com/gorilla/websocket"
)

// kinds returns a classic Martini with the library's three handlers, each at
// its own path.
func kinds(o *sockets.Options) http.Handler {
	m := martini.Classic()
	m.Logger(log.New(io.Discard, "", 0))
	m.Get("/json", sockets.JSON(text{}, o), relay[*text])
	m.Get("/text", sockets.Messages(o), relay[string])
	m.Get("/bytes", sockets.ByteSliceMessages(o), relay[[]byte])
	return m
}

// handlers returns the same for net/http.
func handlers(o *sockets.Options) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /json", sockets.HandleJSON(relays[*text], o))
	mux.Handle("GET /text", sockets.HandleText(relays[string], o))
	mux.Handle("GET /bytes", sockets.HandleBytes(relays[[]byte], o))
	return mux
}

func relays[M any](_ *http.Request, c sockets.Channels[M]) {
	relay(c.Receiver, c.Sender, c.Done)
}

// relay sends back what it receives, and returns what a Martini handler may return.
func relay[M any](receiver <-chan M, sender chan<- M, done <-chan bool) (int, string) {
	for {
		select {
		case m := <-receiver:
			sender <- m
		case <-done:
			return http.StatusOK, "OK"
		}
	}
}

// endToEndTest is a row of TestEndToEnd.
type endToEndTest struct {
	name     string
	serve    func(*sockets.Options) http.Handler
	tls      bool
	compress bool
}

// Contract 2.1, 2.5, 3.2, 5.1, 5.2: the three kinds work through both doors and a real
// network: in clear, through TLS and with compression. net/http logs nothing.
func TestEndToEnd(t *testing.T) {
	for _, test := range []endToEndTest{
		{name: "TCP", serve: kinds},
		{name: "TCP, compression", serve: kinds, compress: true},
		{name: "TLS", serve: kinds, tls: true},
		{name: "TLS, compression", serve: kinds, tls: true, compress: true},
		{name: "net/http, TCP, compression", serve: handlers, compress: true},
		{name: "net/http, TLS", serve: handlers, tls: true},
	} {
		t.Run(test.name, test.run)
	}
}

func (test endToEndTest) run(t *testing.T) {
	var complaints bytes.Buffer
	o := apptest.Silent()
	o.Upgrader = &websocket.Upgrader{EnableCompression: test.compress}
	server := httptest.NewUnstartedServer(test.serve(o))
	server.Config.ErrorLog = log.New(&complaints, "", 0)
	start := server.Start
	if test.tls {
		start = server.StartTLS
	}
	start()
	dialer := websocket.Dialer{
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
		EnableCompression: test.compress,
	}

	for _, kind := range []kindTest{
		{"/json", websocket.TextMessage, func(i int) string {
			return fmt.Sprintf(`{"Text":"message %d"}`, i)
		}},
		{"/text", websocket.TextMessage, func(i int) string {
			return strings.Repeat("ä", i*100)
		}},
		{"/bytes", websocket.BinaryMessage, func(i int) string {
			return strings.Repeat("\xff", i*300)
		}},
	} {
		url := "ws" + strings.TrimPrefix(server.URL, "http") + kind.path
		client, _, err := dialer.Dial(url, http.Header{"Origin": {server.URL}})
		if err != nil {
			t.Fatal(err)
		}
		kind.roundTrip(t, client)
		client.Close()
	}
	server.Close()
	if complaints.Len() > 0 {
		t.Errorf("net/http complains: %s", &complaints)
	}
}

// kindTest has the messages of one kind in TestEndToEnd.
type kindTest struct {
	path  string
	frame int
	sent  func(i int) string
}

// roundTrip sends 100 messages, reads their echoes and closes the connection.
func (kind kindTest) roundTrip(t *testing.T, client *websocket.Conn) {
	var sending sync.WaitGroup
	sending.Go(func() {
		for i := range 100 {
			client.WriteMessage(kind.frame, []byte(kind.sent(i)))
		}
	})
	for i := range 100 {
		frame, got, err := client.ReadMessage()
		if err != nil || frame != kind.frame || string(got) != kind.sent(i) {
			t.Fatalf("%s: message %d = %d, %d bytes, %v, want the one that was sent",
				kind.path, i, frame, len(got), err)
		}
	}
	sending.Wait()
	client.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""))
	if _, _, err := client.ReadMessage(); apptest.CloseCode(err) != 1000 {
		t.Errorf("%s: end = %v, want 1000", kind.path, err)
	}
}

// Programs written for the original pass Options like this, and JSON has this type.
var _ func(any, ...*sockets.Options) martini.Handler = sockets.JSON
