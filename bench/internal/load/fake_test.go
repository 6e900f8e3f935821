package load

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/bench/internal/serve"
)

// fake is a server in the test's own process that broadcasts or echoes, and can be made
// to do it wrong. It claims a microsecond for each message, and a KiB for each connection
// it ever had.
type fake struct {
	toAll  bool
	faulty fault
	mu     sync.Mutex // protects all that follows, and every write
	conns  []*websocket.Conn
	nth    int
}

// fault is what the nth message becomes. nil is the end for all but the first client.
type fault func(nth int, p []byte) [][]byte

// faults are none, and those that a load must notice.
var faults = map[string]fault{
	"":     func(_ int, p []byte) [][]byte { return [][]byte{p} },
	"lost": func(int, []byte) [][]byte { return nil },
	"1 lost": func(nth int, p []byte) [][]byte {
		if nth == 20 {
			return nil
		}
		return [][]byte{p}
	},
	"frozen":  func(nth int, p []byte) [][]byte { return [][]byte{p}[min(nth/20, 1):] },
	"closed":  func(_ int, p []byte) [][]byte { return [][]byte{p, nil} },
	"doubled": func(_ int, p []byte) [][]byte { return [][]byte{p, p} },
	"altered": func(nth int, p []byte) [][]byte { return [][]byte{bytes.ToUpper(p[:1+nth%len(p)])} },
}

func newFake(t *testing.T, toAll bool, faulty string) serve.Server {
	f := &fake{toAll: toAll, faulty: faults[faulty]}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return serve.Server{Address: s.Listener.Addr().String(), Usage: f.usage}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := new(websocket.Upgrader).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer c.Close()
	f.mu.Lock()
	f.conns = append(f.conns, c)
	f.mu.Unlock()
	for {
		_, p, err := c.ReadMessage()
		if err != nil {
			return
		}
		f.answer(c, p)
	}
}

func (f *fake) answer(c *websocket.Conn, p []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	to := []*websocket.Conn{c}
	if f.toAll {
		to = f.conns
	}
	what := f.faulty(f.nth, p)
	f.nth++
	for i, c := range to {
		for _, p := range what {
			if p != nil {
				_ = c.WriteMessage(websocket.TextMessage, p)
			} else if i > 0 {
				c.Close()
			}
		}
	}
}

func (f *fake) usage(bool) (serve.Usage, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	joined := int64(len(f.conns))
	return serve.Usage{CPU: time.Duration(f.nth) * time.Microsecond, Joined: joined,
		Resident: joined << 10}, nil
}
