package socketstest_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/beatrichartz/martini-sockets/socketstest"
)

// echo sends back what it receives, until the client is gone.
var echo = upgraded(func(conn *websocket.Conn, r *http.Request) {
	for {
		kind, p, err := conn.ReadMessage()
		if err != nil {
			return
		}
		if err := conn.WriteMessage(kind, p); err != nil {
			return
		}
	}
})

// roundTrip sends text to an echo and expects it back.
func roundTrip(t *testing.T, c *websocket.Conn, text string) {
	t.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		t.Fatalf("WriteMessage() = %v, want nil", err)
	}
	_, got, err := c.ReadMessage()
	if err != nil || string(got) != text {
		t.Fatalf("ReadMessage() = %.20q, %v, want %.20q, nil", got, err, text)
	}
}

func TestDial(t *testing.T) {
	wstest.NoLeaks(t)
	roundTrip(t, socketstest.Dial(t, echo, "/"), "hello")
}

func TestDialInBubble(t *testing.T) {
	wstest.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		roundTrip(t, socketstest.Dial(t, echo, "/"), strings.Repeat("hello", 10_000))
	})
}

func TestDialFails(t *testing.T) {
	refuse := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "the room is full", http.StatusForbidden)
	})
	tests := []struct {
		name    string
		handler http.Handler
		path    string
		want    string
	}{
		{"refused", refuse, "/room",
			`Dial("/room"): websocket: bad handshake: 403 Forbidden: the room is full`},
		{"no slash", echo, "room",
			`Dial("room"): socketstest: the path "room" does not begin with a slash`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wstest.NoLeaks(t)
			got := wstest.Record(func(tb testing.TB) {
				socketstest.Dial(tb, tt.handler, tt.path)
				tb.Error("Dial() returned")
			})
			if want := []string{tt.want}; !slices.Equal(got, want) {
				t.Errorf("failures = %q, want %q", got, want)
			}
		})
	}
}

// serverDialTest is a row of TestServerDial.
type serverDialTest struct {
	name     string
	path     string
	header   http.Header
	wantURL  string
	wantHost string
	origins  []string
}

func TestServerDial(t *testing.T) {
	tests := []serverDialTest{
		{name: "default", path: "/", wantURL: "/", wantHost: "example.com",
			origins: []string{"http://example.com"}},
		{name: "query", path: "/a%20b?c=d", wantURL: "/a%20b?c=d",
			wantHost: "example.com", origins: []string{"http://example.com"}},
		{
			name: "origin given", path: "/",
			header:  http.Header{"Origin": {"https://evil.example"}},
			wantURL: "/", wantHost: "example.com",
			origins: []string{"https://evil.example"},
		},
		{name: "empty origin", path: "/", header: http.Header{"Origin": {""}},
			wantURL: "/", wantHost: "example.com"},
		{name: "nil origin", path: "/", header: http.Header{"Origin": nil}, wantURL: "/",
			wantHost: "example.com"},
		{
			name: "host given", path: "/", header: http.Header{"Host": {"internal:8080"}},
			wantURL: "/", wantHost: "internal:8080",
			origins: []string{"http://example.com"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func (tt serverDialTest) run(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got *http.Request
		refuse := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = r
			http.Error(w, "seen", http.StatusTeapot)
		})
		before := tt.header.Clone()
		_, resp, err := socketstest.NewServer(t, refuse).Dial(tt.path, tt.header)
		if !errors.Is(err, websocket.ErrBadHandshake) ||
			resp.StatusCode != http.StatusTeapot {
			t.Fatalf("Dial() = %v, %v, want the handler's refusal", resp, err)
		}
		if body, err := io.ReadAll(resp.Body); err != nil ||
			string(body) != "seen\n" {
			t.Errorf("body = %q, %v, want seen", body, err)
		}
		if got.URL.String() != tt.wantURL || got.Host != tt.wantHost {
			t.Errorf("request for %s at %s, want %s at %s", got.URL, got.Host,
				tt.wantURL, tt.wantHost)
		}
		if !slices.Equal(got.Header["Origin"], tt.origins) {
			t.Errorf("Origin = %q, want %q", got.Header["Origin"], tt.origins)
		}
		if len(tt.header) != len(before) {
			t.Errorf("the given header was changed to %v", tt.header)
		}
	})
}

func TestDialer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := socketstest.NewServer(t, echo)
		s.Dialer.Subprotocols = []string{"other", "chat"}
		s.Dialer.EnableCompression = true
		s.Dialer.Proxy = http.ProxyFromEnvironment
		client, resp, err := s.Dial("/", nil)
		if err != nil {
			t.Fatalf("Dial() = %v, want nil", err)
		}
		if got := client.Subprotocol(); got != "chat" {
			t.Errorf("Subprotocol() = %q, want chat", got)
		}
		if got := resp.Header.Get("Sec-WebSocket-Extensions"); !strings.HasPrefix(got,
			"permessage-deflate") {
			t.Errorf("Sec-WebSocket-Extensions = %q, want permessage-deflate", got)
		}
		roundTrip(t, client, "hello")
	})
}

// In a testing/synctest bubble no wait takes real time.
func TestSilenceIsFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := socketstest.Dial(t, echo, "/")
		client.SetReadDeadline(time.Now().Add(24 * time.Hour))
		var timeout net.Error // gorilla hides os.ErrDeadlineExceeded
		if _, _, err := client.ReadMessage(); !errors.As(err, &timeout) ||
			!timeout.Timeout() {
			t.Errorf("ReadMessage() = %v, want a timeout", err)
		}
	})
}
