package attack

import (
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// A listener's own connection is closed in the end, however the connection ended, because
// it counts: golang.org/x/net/netutil.LimitListener would stop accepting.
func TestWrapperIsClosed(t *testing.T) {
	t.Parallel()
	wraps := map[string]func(net.Conn, *atomic.Int64) net.Conn{
		"hidden": func(c net.Conn, n *atomic.Int64) net.Conn {
			return &limited{Conn: c, open: n}
		},
		"shown": func(c net.Conn, n *atomic.Int64) net.Conn {
			return shown{&limited{Conn: c, open: n}}
		},
	}
	for name, wrap := range wraps {
		for _, layer := range []string{"tcp", "tls"} {
			for _, how := range []string{"stalled", "silent", "client", "reset", "1006"} {
				t.Run(name+" "+layer+" "+how, func(t *testing.T) {
					t.Parallel()
					var open atomic.Int64
					l := wrapping{wstest.ListenTCP(), func(c net.Conn) net.Conn {
						open.Add(1)
						return wrap(c, &open)
					}}
					o := &sockets.Options{WriteWait: time.Second, MaxSendSize: -1}
					if how == "silent" {
						o.PongWait = time.Second
					}
					gone := make(chan bool, 1)
					dial := serve(t, l, layer, app(o, func(out chan<- string,
						disconnect chan<- int, done <-chan bool) {
						switch how {
						case "stalled":
							out <- strings.Repeat("a", 16<<20)
						case "1006":
							disconnect <- 1006
						}
						<-done
						gone <- true
					}))
					raw := dial(true, nil)
					switch how {
					case "client":
						raw.Send(wstest.Close(1000, ""))
						raw.ReadClose()
						raw.Vanish()
					case "reset":
						raw.Vanish()
					case "1006":
						raw.ReadEnd()
						raw.Vanish()
					}
					<-gone
					end := time.Now().Add(8 * time.Second)
					for open.Load() != 0 && time.Now().Before(end) {
						time.Sleep(10 * time.Millisecond)
					}
					if n := open.Load(); n != 0 {
						t.Errorf("the listener has %d connections that were never closed", n)
					}
				})
			}
		}
	}
}

// Contract 3.8: a connection that cannot be half-closed is drained for a quarter of a
// second, also if its CloseWrite says so with an error of its own.
func TestUnableToHalfClose(t *testing.T) {
	t.Parallel()
	l := wrapping{wstest.ListenTCP(), func(c net.Conn) net.Conn { return unable{c} }}
	s := wstest.Serve(t, l, &http.Server{Handler: app(&sockets.Options{},
		func(done <-chan bool) { <-done })})
	raw := s.Dial("/", nil)
	raw.SendBytes([]byte("GET / HTTP/1.1\r\n\r\n"))
	if code, _ := raw.ReadClose(); code != 1002 {
		t.Errorf("code %d, want 1002", code)
	}
	begin := time.Now()
	raw.ReadEnd()
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("TCP was closed after %v, want 250ms", took)
	}
}
