package wstest

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/internal/mempipe"
)

// echo sends back what it gets, until the client is gone.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
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

// networks runs a test over loopback TCP, and in a bubble over memory.
func networks(t *testing.T, h http.Handler, test func(t *testing.T, s *Server, l *Listener)) {
	run := func(t *testing.T, l *Listener) { test(t, Serve(t, l, &http.Server{Handler: h}), l) }
	t.Run("tcp", func(t *testing.T) {
		NoLeaks(t)
		run(t, Count(ListenTCP(t)))
	})
	t.Run("memory", func(t *testing.T) {
		NoLeaks(t)
		synctest.Test(t, func(t *testing.T) { run(t, Count(mempipe.Listen(0))) })
	})
}

func TestRawEcho(t *testing.T) {
	networks(t, echo, func(t *testing.T, s *Server, _ *Listener) {
		raw := s.Dial("/", nil)
		raw.Send(Text("a").More(), Ping("p"), Continuation("b"), Close(1000, "bye"))
		if f := raw.ReadFrame(); f.Opcode != OpPong || string(f.Payload) != "p" {
			t.Errorf("ReadFrame() = %v, want the pong", f)
		}
		if op, p := raw.ReadMessage(); op != OpText || string(p) != "ab" {
			t.Errorf("ReadMessage() = %d, %q, want %d, \"ab\"", op, p, OpText)
		}
		if code, reason := raw.ReadClose(); code != 1000 || reason != "" {
			t.Errorf("ReadClose() = %d, %q, want 1000, \"\"", code, reason)
		}
		raw.ReadEnd()
	})
}
