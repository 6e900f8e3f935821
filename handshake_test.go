package sockets_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
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

// handshake is a request that gets a 101 from any network, changed by what a
// test needs.
func handshake(change ...func(*http.Request)) *http.Request {
	r := httptest.NewRequest("GET", "/ws", nil)
	r.Header = http.Header{
		"Origin":                {"http://example.com"},
		"Connection":            {"Upgrade"},
		"Upgrade":               {"websocket"},
		"Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key":     {"dGhlIHNhbXBsZSBub25jZQ=="},
	}
	for _, f := range change {
		f(r)
	}
	return r
}

func method(m string) func(*http.Request) {
	return func(r *http.Request) { r.Method = m }
}

// header sets a header, and takes it away without values.
func header(name string, values ...string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header[name] = values
		if len(values) == 0 {
			delete(r.Header, name)
		}
	}
}

func protocol(major, minor int) func(*http.Request) {
	return func(r *http.Request) { r.ProtoMajor, r.ProtoMinor = major, minor }
}

type refusal struct {
	name   string
	change func(*http.Request)
	status int
	reason string
}

// refusals are requests that do not become connections, on a network that could
// be hijacked.
var refusals = []refusal{
	{"HEAD", method("HEAD"), 405, "not GET"},
	{"POST", method("POST"), 405, "not GET"},
	{"PUT", method("PUT"), 405, "not GET"},
	{"DELETE", method("DELETE"), 405, "not GET"},
	{"OPTIONS", method("OPTIONS"), 405, "not GET"},
	{"CONNECT", method("CONNECT"), 405, "not GET"},
	{"lower case", method("get"), 405, "not GET"},
	{"invented", method("G\x1bET"), 405, "not GET"},
	{"POST of another origin",
		func(r *http.Request) {
			method("POST")(r)
			header("Origin", "http://evil.com")(r)
		}, 405, "not GET"},

	{"another origin", header("Origin", "http://evil.com"), 403, "origin"},
	{"no origin", header("Origin"), 403, "has no Origin"},
	{"two origins", header("Origin", "http://example.com", "http://example.com"), 403,
		"origin"},
	{"another origin, no handshake",
		func(r *http.Request) {
			r.Header = http.Header{"Origin": {"http://evil.com"}}
		}, 403, "no websocket handshake"},
	{"a browser's address line", func(r *http.Request) { r.Header = http.Header{} }, 403,
		"no websocket handshake"},

	{"an ordinary request",
		func(r *http.Request) {
			r.Header = http.Header{"Origin": {"http://example.com"}}
		}, 400, "'Connection' header"},
	{"no Connection", header("Connection"), 400, "'Connection' header"},
	{"Connection: keep-alive", header("Connection", "keep-alive"), 400,
		"'Connection' header"},
	{"no Upgrade", header("Upgrade"), 400, "'Upgrade' header"},
	{"Upgrade: h2c", header("Upgrade", "h2c"), 400, "'Upgrade' header"},
	{"Upgrade: websockets", header("Upgrade", "websockets"), 400, "'Upgrade' header"},
	{"no version", header("Sec-Websocket-Version"), 400, "unsupported version"},
	{"version 8", header("Sec-Websocket-Version", "8"), 400, "unsupported version"},
	{"version 130", header("Sec-Websocket-Version", "130"), 400, "unsupported version"},
	{"no key", header("Sec-Websocket-Key"), 400, "'Sec-WebSocket-Key' header"},
	{"empty key", header("Sec-Websocket-Key", ""), 400, "'Sec-WebSocket-Key' header"},
	{"key of 15 bytes", header("Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25j"), 400,
		"'Sec-WebSocket-Key' header"},
	{"key that is no Base64", header("Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25j!!=="),
		400, "'Sec-WebSocket-Key' header"},
	{"key with a line end",
		header("Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25jZQ==\r\nX: y"), 400,
		"'Sec-WebSocket-Key' header"},
	{"HTTP/1.0", protocol(1, 0), 400, "not HTTP/1.1"},
	{"HTTP/0.9", protocol(0, 9), 400, "not HTTP/1.1"},
}

// Contract 1.1 to 1.4: what a client sees of a refusal, and what runs, and what
// the log says.
func TestRefusals(t *testing.T) {
	for _, test := range refusals {
		t.Run(test.name, func(t *testing.T) {
			var lines bytes.Buffer
			ran := false
			m := martini.Classic()
			quiet(m.Martini)
			last := func() { ran = true }
			m.Any("/ws",
				sockets.Messages(&sockets.Options{Logger: log.New(&lines, "", 0)}), last,
				last)
			w := &hijackable{ResponseRecorder: httptest.NewRecorder()}

			m.ServeHTTP(w, handshake(test.change))

			wantRefusal(t, w.ResponseRecorder, test.status, test.reason)
			if ran || w.hijacked {
				t.Errorf("later handlers ran = %v, hijacked = %v, want false", ran,
					w.hijacked)
			}
			if got := lines.String(); !strings.HasPrefix(got,
				"[Warning] [192.0.2.1:1234] refused ") || strings.Count(got, "\n") != 1 ||
				strings.Contains(got, "\x1b") {
				t.Errorf("log = %q, want one warning without control characters", got)
			}
		})
	}
}

// wantRefusal looks at the whole of a response.
func wantRefusal(t *testing.T, w *httptest.ResponseRecorder, status int, reason string) {
	t.Helper()
	body := w.Body.String()
	if w.Code != status || !strings.Contains(body, reason) || len(body) > 200 {
		t.Errorf("response = %d %q, want %d and a short text with %q", w.Code, body,
			status, reason)
	}
	if got := w.Header().Get("Content-Type"); got != "text/plain; charset=utf-8" {
		t.Errorf("Content-Type = %q, want plain text", got)
	}
	allow := map[int]string{405: "GET"}[status]
	if got := w.Header().Get("Allow"); got != allow {
		t.Errorf("Allow = %q, want %q", got, allow)
	}
	version := map[int]string{400: "13"}[status]
	if got := w.Header().Get("Sec-WebSocket-Version"); got != version {
		t.Errorf("Sec-WebSocket-Version = %q, want %q", got, version)
	}
}

// hijackable is a network that says whether it was hijacked. It then fails.
type hijackable struct {
	*httptest.ResponseRecorder
	hijacked bool
}

func (h *hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	h.hijacked = true
	return nil, nil, errors.New("cable is cut")
}

// Contract 1.3: a network that cannot be hijacked is a failed upgrade, too.
func TestNotHijacked(t *testing.T) {
	w := httptest.NewRecorder()
	apptest.App(sockets.Messages(apptest.Silent())).ServeHTTP(w, handshake())
	wantRefusal(t, w, 400, "Hijacker")

	w = httptest.NewRecorder()
	apptest.App(sockets.Messages(apptest.Silent())).ServeHTTP(&hijackable{ResponseRecorder: w},
		handshake())
	wantRefusal(t, w, 400, "cable is cut")
}

// Contract 1.1 to 1.3: the refusals over a real network, where the library's
// part is what the client reads.
func TestRefusalsOverTCP(t *testing.T) {
	server := wstest.NewServer(t, apptest.App(sockets.Messages(apptest.Silent())))
	for _, test := range []struct {
		name   string
		header http.Header
		want   string
	}{
		{"HEAD", http.Header{":method": {"HEAD"}},
			"405 Method Not Allowed, Allow [GET], version []"},
		{"another origin", http.Header{"Origin": {"http://evil.com"}},
			"403 Forbidden, Allow [], version []"},
		{"two origins",
			http.Header{"Origin": {"http://" + server.Host, "http://evil.com"}},
			"403 Forbidden, Allow [], version []"},
		{"version 8", http.Header{"Sec-WebSocket-Version": {"8"}},
			"400 Bad Request, Allow [], version [13]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			resp := server.Connect().Handshake("/ws", test.header)

			got := fmt.Sprintf("%s, Allow %v, version %v", resp.Status,
				resp.Header["Allow"], resp.Header["Sec-Websocket-Version"])
			if got != test.want {
				t.Errorf("Handshake(%v) = %s, want %s", test.header, got, test.want)
			}
		})
	}
}

// Contract 1.4: as middleware for everything the library ends a refused
// request, before any later middleware.
func TestRefusalEndsEveryChain(t *testing.T) {
	var ran []string
	run := func(name string) martini.Handler { return func() { ran = append(ran, name) } }
	messages := sockets.Messages(apptest.Silent())
	for _, test := range []struct {
		name  string
		route func(*martini.Martini, martini.Router)
	}{
		{"middleware", func(m *martini.Martini, r martini.Router) {
			m.Handlers(run("before"), messages, run("behind"))
			r.Get("/ws", run("route"))
		}},
		{"group", func(m *martini.Martini, r martini.Router) {
			r.Group("", func(r martini.Router) { r.Get("/ws", run("route")) },
				run("before"), messages, run("behind"))
		}},
		{"not found",
			func(m *martini.Martini,
				r martini.Router) {
				r.NotFound(run("before"), messages, run("behind"))
			}},
	} {
		t.Run(test.name, func(t *testing.T) {
			ran = nil
			m, r := martini.New(), martini.NewRouter()
			quiet(m)
			m.Action(r.Handle)
			test.route(m, r)

			for _, status := range []int{405, 403, 400} {
				i := slices.IndexFunc(refusals,
					func(r refusal) bool { return r.status == status })
				m.ServeHTTP(httptest.NewRecorder(), handshake(refusals[i].change))
			}

			if want := []string{"before", "before", "before"}; !slices.Equal(ran, want) {
				t.Errorf("handlers that ran = %v, want %v", ran, want)
			}
		})
	}
}

// Contract 1.4: what a client sent is quoted in the log, and cut.
func TestRefusalIsLoggedQuoted(t *testing.T) {
	var lines bytes.Buffer
	m := apptest.App(sockets.Messages(&sockets.Options{Logger: log.New(&lines, "", 0)}))
	evil := "http://evil\n[Error] [1.2.3.4] \x1b[31m\xff" + strings.Repeat("a", 100_000)

	m.ServeHTTP(httptest.NewRecorder(),
		handshake(header("Origin", evil),
			func(r *http.Request) { r.RemoteAddr = "1.2.3.4\n[Error]" }))

	got := lines.String()
	if len(got) > 1000 || strings.Count(got, "\n") != 1 ||
		strings.Contains(got, "\x1b") || strings.Contains(got, "\xff") ||
		!strings.Contains(got, `http://evil\n[Error]`) {
		t.Errorf("log = %.2000q, want one short line with the origin quoted", got)
	}
}

// A request may say more than it has to.
func TestAccepted(t *testing.T) {
	server := wstest.NewServer(t, apptest.Messages(apptest.Echo[string]))
	upper := http.Header{"Origin": {"HTTP://" + strings.ToUpper(server.Host)}}
	for _, header := range []http.Header{
		nil,
		{"Connection": {"keep-alive, Upgrade"}},
		{"Connection": {"keep-alive", "upgrade"}},
		{"Upgrade": {"h2c, WebSocket"}},
		{"Sec-WebSocket-Version": {"8, 13"}},
		{"Origin": {"https://" + server.Host}},
	} {
		server.Dial("/ws", header)
	}
	// The scheme stands in lower case in every browser's Origin (RFC 6454,
	// 6.2), and in the default pattern.
	if resp := server.Connect().Handshake("/ws", upper); resp.StatusCode != 403 {
		t.Errorf("Handshake(%v) = %s, want 403", upper, resp.Status)
	}
}

// Contract 1.5: what goes out with the 101, and what does not.
func TestHeadersPassedOn(t *testing.T) {
	forbidden := http.Header{
		"Connection": {"close"}, "Upgrade": {"h2c"}, "Content-Length": {"5"},
		"Content-Type": {"text/html"}, "Transfer-Encoding": {"chunked"},
		"Sec-WebSocket-Accept": {"evil"}, "Sec-Websocket-Accept": {"evil"},
		"sec-websocket-accept": {"evil"}, "Sec-Websocket-Protocol": {"evil"},
		"Sec-Websocket-Extensions": {"permessage-deflate"},
		"Sec-Websocket-Anything":   {"evil"}, "content-length": {"5"},
		"TRANSFER-ENCODING": {"chunked"},
		"Evil\r\nEvil":      {"evil"}, "Evil: evil": {"evil"}, "": {"evil"},
		"Ev il":      {"evil"},
		"Evil\u212a": {"evil"},
	}
	set := http.Header{"Set-Cookie": {"a=1; Path=/", "b=2; HttpOnly"},
		"x-lower-case": {"1"}, "X-Split": {"a\r\nEvil: b"}, "X-Empty": {""}, "Date": nil}
	server := wstest.NewServer(t, apptest.App(func(w http.ResponseWriter) {
		for _, h := range []http.Header{set, forbidden} {
			for name, values := range h {
				w.Header()[name] = values
			}
		}
	}, sockets.Messages(apptest.Silent()), apptest.Echo[string]))

	client := server.Connect()
	got := client.Upgrade("/ws", nil).Header

	want := http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"},
		"Sec-Websocket-Accept": {"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
		"Set-Cookie":           {"a=1; Path=/", "b=2; HttpOnly"}, "X-Lower-Case": {"1"},
		"X-Split": {"a  Evil: b"}, "X-Empty": {""},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("headers of the 101 = %q, want %q", got, want)
	}
	client.Send(wstest.Text("hello"))
	if _, m := client.ReadMessage(); string(m) != "hello" {
		t.Errorf("ReadMessage() = %q, want hello", m)
	}
}

// Contract 1.7: the Upgrader's CheckOrigin replaces AllowedOrigin.
func TestCheckOrigin(t *testing.T) {
	for _, test := range []struct {
		allow  bool
		origin string
		want   string
	}{
		{true, "http://evil.com", "cable is cut"}, // it came as far as that
		{false, "http://example.com", "origin"},
	} {
		w := httptest.NewRecorder()
		asked := 0
		m := apptest.App(sockets.Messages(apptest.Silent(func(o *sockets.Options) {
			o.Upgrader = &websocket.Upgrader{CheckOrigin: func(*http.Request) bool {
				asked++
				return test.allow
			}}
		})))

		m.ServeHTTP(&hijackable{ResponseRecorder: w},
			handshake(header("Origin", test.origin)))

		if got := w.Body.String(); !strings.Contains(got, test.want) || asked != 1 {
			t.Errorf("response = %q after %d calls of CheckOrigin, want %q after 1", got,
				asked, test.want)
		}
	}
}

// Contract 1.7: the Upgrader's Error writes what is refused, with the headers
// that the contract promises; where it writes nothing the library does, so that
// no later handler runs.
func TestUpgraderError(t *testing.T) {
	for _, test := range refusals {
		for _, writes := range []bool{true, false} {
			t.Run(test.name, func(t *testing.T) {
				ran, asked := false, 0
				m := martini.New()
				quiet(m)
				m.Handlers(sockets.Messages(apptest.Silent(func(o *sockets.Options) {
					o.Upgrader = &websocket.Upgrader{Error: func(w http.ResponseWriter,
						r *http.Request, status int, reason error) {
						asked = status
						if writes {
							http.Error(w, "mine: "+reason.Error(), status)
						}
					}}
				})), func() { ran = true })
				w := httptest.NewRecorder()

				m.ServeHTTP(w, handshake(test.change))

				wantRefusal(t, w, test.status, test.reason)
				if asked != test.status || ran ||
					strings.HasPrefix(w.Body.String(), "mine: ") != writes {
					t.Errorf("Error was asked for %d, a later handler ran = %v, body %q",
						asked, ran, w.Body)
				}
			})
		}
	}
}

// Contract 1.7: a response without a body, or without a status, is a response, too.
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
			o := apptest.Silent(func(o *sockets.Options) {
				o.Upgrader = &websocket.Upgrader{Error: func(w http.ResponseWriter,
					_ *http.Request, _ int, _ error) {
					test.write(w)
				}}
			})
			w := httptest.NewRecorder()

			apptest.App(sockets.Messages(o)).ServeHTTP(w,
				httptest.NewRequest("GET", "/ws", nil))

			if w.Code != test.status || w.Body.String() != test.body {
				t.Errorf("response = %d, %q, want %d, %q", w.Code, w.Body, test.status,
					test.body)
			}
		})
	}
}

// Contract 1.7: subprotocols are the Upgrader's own, in its order of
// preference. Middleware cannot choose one.
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
	} {
		t.Run(test.name, func(t *testing.T) {
			server := wstest.NewServer(t,
				apptest.App(func(w http.ResponseWriter) {
					w.Header().Set("Sec-WebSocket-Protocol", "chat")
				},
					sockets.Messages(apptest.Silent(func(o *sockets.Options) {
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
// never written to, by many handshakes at once.
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

	// What the program does with it later changes nothing, and is no data race.
	var clients []*wstest.Raw
	for range 20 {
		client := server.Connect()
		clients = append(clients, client)
		handshake(header("Origin", server.URL), header("Sec-Websocket-Protocol", "b, a"),
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

// Contract 1.7: buffer sizes and pools are the Upgrader's own.
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

// Contract 1.7: the handshake's timeout is the Upgrader's own. A 101 that
// cannot be written is the handler's to hear of: a panic in Martini, or the
// next handler without channels, would be worse.
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

			handshake().Write(client.Conn)
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
