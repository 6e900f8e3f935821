package socketstest_test

import (
	"bytes"
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/beatrichartz/martini-sockets/socketstest"
)

// upgraded returns a handler that gives each connection to serve.
func upgraded(serve func(conn *websocket.Conn, r *http.Request)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		up := websocket.Upgrader{Subprotocols: []string{"chat"}, EnableCompression: true}
		conn, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer conn.Close()
		serve(conn, r)
	})
}

// ended returns a handler that reads, and sends the error that ends it.
func ended() (http.Handler, <-chan error) {
	errs := make(chan error, 1)
	return upgraded(func(conn *websocket.Conn, r *http.Request) {
		for {
			if _, _, err := conn.ReadMessage(); err != nil {
				errs <- err
				return
			}
		}
	}), errs
}

// mustDial connects a client to the server's root.
func mustDial(t *testing.T, s *socketstest.Server) *websocket.Conn {
	t.Helper()
	client, _, err := s.Dial("/", nil)
	if err != nil {
		t.Fatalf("Dial() = %v, want nil", err)
	}
	return client
}

// TestClientEnds shows how a client can leave, and what a handler that reads sees.
func TestClientEnds(t *testing.T) {
	tests := []struct {
		name string
		end  func(s *socketstest.Server, client *websocket.Conn)
		want func(err error) bool
	}{
		{
			name: "close frame",
			end: func(_ *socketstest.Server, client *websocket.Conn) {
				message := websocket.FormatCloseMessage(websocket.CloseGoingAway, "")
				client.WriteControl(websocket.CloseMessage, message, time.Time{})
			},
			want: func(err error) bool {
				return websocket.IsCloseError(err, websocket.CloseGoingAway)
			},
		},
		{
			name: "vanished",
			end:  func(_ *socketstest.Server, client *websocket.Conn) { client.Close() },
			want: func(err error) bool {
				return websocket.IsCloseError(err, websocket.CloseAbnormalClosure)
			},
		},
		{
			name: "reset",
			end: func(_ *socketstest.Server, client *websocket.Conn) {
				client.NetConn().(interface{ SetLinger(int) error }).SetLinger(0)
				client.Close()
			},
			want: func(err error) bool { return errors.Is(err, syscall.ECONNRESET) },
		},
		{
			name: "server closed",
			end:  func(s *socketstest.Server, _ *websocket.Conn) { s.Close() },
			want: func(err error) bool {
				return websocket.IsCloseError(err, websocket.CloseAbnormalClosure)
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wstest.NoLeaks(t)
			synctest.Test(t, func(t *testing.T) {
				h, errs := ended()
				s := socketstest.NewServer(t, h)
				tt.end(s, mustDial(t, s))
				if err := <-errs; !tt.want(err) {
					t.Errorf("the handler's error = %v", err)
				}
			})
		})
	}
}

// A client that does not read blocks the handler once the network is full. The
// client's own reader takes 4096 bytes at a time, so some of the first messages
// arrive with the response to the handshake.
func TestStalledClient(t *testing.T) {
	for _, tt := range []struct{ buffer, min int }{{4096, 4096}, {0, 64 << 10}} {
		synctest.Test(t, func(t *testing.T) {
			sent := make(chan int, 1)
			s := socketstest.NewServer(t,
				upgraded(func(conn *websocket.Conn, r *http.Request) {
					conn.SetWriteDeadline(time.Now().Add(time.Minute))
					n := 0
					for ; conn.WriteMessage(websocket.BinaryMessage,
						make([]byte, 100)) == nil; n++ {
					}
					sent <- n * 102 // each message has a header of two bytes
				}))
			s.Buffer = tt.buffer
			start := time.Now()
			mustDial(t, s)
			if n := <-sent; n < tt.min-102 || n > tt.min+4096 {
				t.Errorf("sent %d bytes with a buffer of %d, want %d to %d", n, tt.buffer,
					tt.min-102, tt.min+4096)
			}
			if waited := time.Since(start); waited != time.Minute {
				t.Errorf("waited %v, want 1m", waited)
			}
		})
	}
}

func TestConfig(t *testing.T) {
	wstest.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		var logged bytes.Buffer // read when the server is closed
		s := socketstest.NewServer(t,
			http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				<-r.Context().Done()
				panic("the context has ended")
			}))
		s.Config.BaseContext = func(net.Listener) context.Context { return ctx }
		s.Config.ErrorLog = log.New(&logged, "", 0)
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		if _, _, err := s.Dial("/", nil); err == nil || time.Since(start) != time.Second {
			t.Errorf("Dial() = %v after %v, want an error after 1s", err,
				time.Since(start))
		}
		s.Close()
		synctest.Wait()
		if got := logged.String(); !strings.Contains(got, "the context has ended") {
			t.Errorf("the error log = %q, want the panic", got)
		}
	})
}

// A page and a websocket of the same handler share a session.
func TestDialContext(t *testing.T) {
	wstest.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		mux := http.NewServeMux()
		mux.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "7", Path: "/"})
		})
		mux.Handle("/chat", upgraded(func(conn *websocket.Conn, r *http.Request) {
			conn.WriteMessage(websocket.TextMessage, []byte(r.Header.Get("Cookie")))
		}))
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatalf("New() = %v, want nil", err)
		}
		s := socketstest.NewServer(t, mux)
		s.Dialer.Jar = jar
		browser := http.Client{Transport: &http.Transport{DialContext: s.DialContext},
			Jar: jar}
		resp, err := browser.Post("http://example.com/login", "", nil)
		if err != nil {
			t.Fatalf("Post() = %v, want nil", err)
		}
		resp.Body.Close()
		client, _, err := s.Dial("/chat", nil)
		if err != nil {
			t.Fatalf("Dial() = %v, want nil", err)
		}
		if _, got, err := client.ReadMessage(); err != nil || string(got) != "session=7" {
			t.Errorf("Cookie = %q, %v, want session=7", got, err)
		}
	})
}

func TestCloseFailsWhenAHandlerIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		stuck := upgraded(func(*websocket.Conn, *http.Request) { <-release })
		start := time.Now()
		failures := wstest.Record(func(tb testing.TB) {
			s := socketstest.NewServer(tb, stuck)
			s.Dial("/stuck", nil)
			s.Close() // the cleanup does not report it again
		})
		if len(failures) != 1 || !strings.Contains(failures[0], "GET /stuck") ||
			!strings.Contains(failures[0], "TestCloseFails") {
			t.Errorf("failures = %q, want one with the request and the stack", failures)
		}
		if waited := time.Since(start); waited != 10*time.Second {
			t.Errorf("Close() after %v, want 10s", waited)
		}
		close(release)
	})
}

func TestClosedServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := socketstest.NewServer(t, echo)
		s.Close()
		s.Close()
		start := time.Now()
		if _, _, err := s.Dial("/", nil); !errors.Is(err, syscall.ECONNREFUSED) ||
			time.Since(start) > 0 {
			t.Errorf("Dial() = %v after %v, want %v at once", err, time.Since(start),
				syscall.ECONNREFUSED)
		}
	})
}

func TestManyClients(t *testing.T) {
	wstest.NoLeaks(t)
	s := socketstest.NewServer(t, echo)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			client, _, err := s.Dial("/", nil)
			if err != nil {
				t.Errorf("Dial() = %v, want nil", err)
				return
			}
			client.WriteMessage(websocket.TextMessage, []byte("hello"))
			if _, got, err := client.ReadMessage(); err != nil || string(got) != "hello" {
				t.Errorf("ReadMessage() = %q, %v, want hello", got, err)
			}
		})
	}
	wg.Wait()
}

// Clients that connect while Close runs are refused or disconnected. The
// handlers end in either case.
func TestDialWhileClosing(t *testing.T) {
	wstest.NoLeaks(t)
	for range 50 {
		s := socketstest.NewServer(t, echo)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { s.Dial("/", nil) })
		}
		s.Close()
		wg.Wait()
	}
}

// A handler that never returns fails the test after a limited time.
func TestDialGivesUp(t *testing.T) {
	for _, timeout := range []time.Duration{0, time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			s := socketstest.NewServer(t,
				http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					<-r.Context().Done()
				}))
			s.Dialer.HandshakeTimeout = timeout
			want := timeout
			if want == 0 {
				want = 10 * time.Second
			}
			start := time.Now()
			if _, _, err := s.Dial("/", nil); !errors.Is(err, os.ErrDeadlineExceeded) ||
				time.Since(start) != want {
				t.Errorf("Dial() = %v after %v, want %v after %v", err, time.Since(start),
					os.ErrDeadlineExceeded, want)
			}
		})
	}
}
