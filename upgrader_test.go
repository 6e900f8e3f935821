package sockets_test

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/mempipe"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/go-martini/martini"
	"github.com/gorilla/websocket"
)

// Contract 1.7: the Upgrader's CheckOrigin replaces AllowedOrigin.
func TestCheckOrigin(t *testing.T) {
	for _, test := range []struct {
		allow  bool
		origin string
		want   string
	}{
		{true, "http://evil.com", "cable is cut"}, // the network was hijacked
		{false, "http://example.com", "origin"},
	} {
		w := httptest.NewRecorder()
		asked := 0
		m := apptest.App(apptest.Text(apptest.Silent(func(o *sockets.Options) {
			o.Upgrader = &websocket.Upgrader{CheckOrigin: func(*http.Request) bool {
				asked++
				return test.allow
			}}
		})))

		m.ServeHTTP(&hijackable{ResponseRecorder: w},
			apptest.Handshake(apptest.Header("Origin", test.origin)))

		if got := w.Body.String(); !strings.Contains(got, test.want) || asked != 1 {
			t.Errorf("response = %q after %d calls of CheckOrigin, want %q after 1", got,
				asked, test.want)
		}
	}
}

// Contract 1.7: the Upgrader's Error writes the response to a refused request,
// with the headers that the contract promises. If it writes nothing, the
// library does, so that no later handler runs.
func TestUpgraderError(t *testing.T) {
	for _, test := range refusals {
		t.Run(test.name, func(t *testing.T) {
			test.withUpgraderError(t, true)
			test.withUpgraderError(t, false)
		})
	}
}

// withUpgraderError makes the request with an Error function that writes, or not.
func (test refusal) withUpgraderError(t *testing.T, writes bool) {
	ran, asked := false, 0
	o := apptest.Silent()
	o.Upgrader = &websocket.Upgrader{Error: func(
		w http.ResponseWriter, r *http.Request, status int, reason error,
	) {
		asked = status
		if writes {
			http.Error(w, "mine: "+reason.Error(), status)
		}
	}}
	m := martini.New()
	apptest.Quiet(m)
	m.Handlers(sockets.Messages(o), func() { ran = true })
	w := httptest.NewRecorder()

	m.ServeHTTP(w, apptest.Handshake(test.change))

	wantRefusal(t, w, test.status, test.reason)
	mine := strings.HasPrefix(w.Body.String(), "mine: ")
	if asked != test.status || ran || mine != writes {
		t.Errorf("Error was asked for %d, a later handler ran = %v, body %q",
			asked, ran, w.Body)
	}
}

// Contract 1.7: a response with only a status, or only a body, counts as written.
func TestUpgraderErrorWritesInPart(t *testing.T) {
	for _, test := range []struct {
		name   string
		write  func(http.ResponseWriter)
		status int
		body   string
	}{
		{"status", func(w http.ResponseWriter) { w.WriteHeader(http.StatusTeapot) },
			http.StatusTeapot, ""},
		{"body", func(w http.ResponseWriter) { io.WriteString(w, "mine") }, http.StatusOK,
			"mine"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := apptest.Silent()
			o.Upgrader = &websocket.Upgrader{Error: func(
				w http.ResponseWriter, _ *http.Request, _ int, _ error,
			) {
				test.write(w)
			}}
			w := httptest.NewRecorder()

			apptest.App(apptest.Text(o)).ServeHTTP(w,
				httptest.NewRequest("GET", "/ws", nil))

			if w.Code != test.status || w.Body.String() != test.body {
				t.Errorf("response = %d, %q, want %d, %q", w.Code, w.Body, test.status,
					test.body)
			}
		})
	}
}

// Contract 1.7: the Upgrader sets the subprotocols, in its order of preference.
// Middleware cannot choose one.
func TestSubprotocols(t *testing.T) {
	for _, test := range []struct {
		name                   string
		served, offered, chose []string
	}{
		{"none", nil, []string{"chat"}, nil},
		{"none offered", []string{"chat"}, nil, nil},
		{"the first that both know", []string{"v2", "v1"}, []string{"v1, v2"},
			[]string{"v2"}},
		{"none in common", []string{"v2", "v1"}, []string{"V1"}, nil},
		{"in several headers", []string{"v2", "v1"}, []string{"v3", "v1, v2"},
			[]string{"v2"}}, // RFC 6455, 11.3.4
	} {
		t.Run(test.name, func(t *testing.T) {
			server := wstest.NewServer(t,
				apptest.App(func(w http.ResponseWriter) {
					w.Header().Set("Sec-WebSocket-Protocol", "chat")
				},
					apptest.Text(apptest.Silent(func(o *sockets.Options) {
						o.Upgrader = &websocket.Upgrader{Subprotocols: test.served}
					}))))

			offer := http.Header{"Sec-WebSocket-Protocol": test.offered}
			resp := server.Connect().Upgrade("/ws", offer)

			got := resp.Header["Sec-Websocket-Protocol"]
			if !slices.Equal(got, test.chose) {
				t.Errorf("subprotocol = %q, want %q", got, test.chose)
			}
		})
	}
}

// Contract 1.7, 2.2: the given Upgrader is copied when the handler is made, and
// never written to, even by many handshakes at once.
func TestUpgraderIsCopied(t *testing.T) {
	given := &websocket.Upgrader{Subprotocols: []string{"a"}}
	server := wstest.NewServer(t,
		apptest.Messages(apptest.Echo[string],
			func(o *sockets.Options) { o.Upgrader = given }))
	if given.CheckOrigin != nil || given.Error != nil || given.EnableCompression ||
		given.HandshakeTimeout != 0 || given.WriteBufferPool != nil ||
		given.ReadBufferSize != 0 || given.WriteBufferSize != 0 ||
		!slices.Equal(given.Subprotocols, []string{"a"}) {
		t.Errorf("the given Upgrader = %+v, want it unchanged", given)
	}

	// Changing it later has no effect and is no data race.
	var clients []*wstest.Raw
	for range 20 {
		client := server.Connect()
		clients = append(clients, client)
		apptest.Handshake(apptest.Header("Origin", server.URL),
			apptest.Header("Sec-Websocket-Protocol", "b, a"),
			func(r *http.Request) { r.Host = server.Host }).Write(client.Conn)
	}
	given.Subprotocols[0] = "b"
	given.CheckOrigin = func(*http.Request) bool { return false }

	for _, client := range clients {
		resp, err := http.ReadResponse(bufio.NewReader(client.Conn), nil)
		if err != nil || resp.Header.Get("Sec-WebSocket-Protocol") != "a" {
			t.Errorf("response = %v, %v, want subprotocol a", resp, err)
		}
	}
}

// Contract 1.7: the Upgrader sets buffer sizes and pools.
func TestBuffersOfUpgrader(t *testing.T) {
	pool := &countingPool{}
	server := wstest.NewServer(t,
		apptest.Messages(apptest.Echo[string], func(o *sockets.Options) {
			o.Upgrader = &websocket.Upgrader{ReadBufferSize: 200, WriteBufferSize: 300,
				WriteBufferPool: pool}
		}))
	client := server.Dial("/ws", nil)

	for _, size := range []int{0, 1, 125, 126, 200, 300, 5000, 65536} {
		client.Send(wstest.Text(strings.Repeat("a", size)))
		if _, got := client.ReadMessage(); len(got) != size {
			t.Errorf("echo of %d bytes = %d bytes", size, len(got))
		}
	}

	if pool.got.Load() == 0 {
		t.Error("the pool was not used")
	}
}

type countingPool struct {
	sync.Pool
	got atomic.Int64
}

func (p *countingPool) Get() any { p.got.Add(1); return p.Pool.Get() }

// Contract 1.7: the Upgrader sets the handshake's timeout. If the 101 cannot be
// written, the handler gets an error. A panic in Martini would be worse, and so
// would be the next handler without channels.
func TestHandshakeTimeout(t *testing.T) {
	for _, test := range []struct {
		name    string
		timeout time.Duration
		want    time.Duration
	}{
		{"of the Upgrader", 3 * time.Second, 3 * time.Second},
		{"of WriteWait", 0, 20 * time.Second},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			handler, outcomes := apptest.UntilDone()
			listener := wstest.Count(mempipe.Listen(0))
			server := wstest.Serve(t, listener,
				&http.Server{Handler: apptest.Messages(handler, func(o *sockets.Options) {
					o.Upgrader = &websocket.Upgrader{HandshakeTimeout: test.timeout}
					o.WriteWait = 20 * time.Second
				})})
			client := server.Connect()
			listener.Conn(t).Stall()
			begin := time.Now()

			apptest.Handshake().Write(client.Conn)
			client.Wait = time.Minute
			err := client.Drain()

			got := apptest.Next(t, "outcome", outcomes)
			if !apptest.IsTimeout(got.Err) || got.Errs != 1 || !got.Done ||
				time.Since(begin).Truncate(time.Second) != test.want {
				t.Errorf("outcome = %+v after %v, the client read to %v, want a "+
					"timeout after %v", got, time.Since(begin), err, test.want)
			}
		})
	}
}
