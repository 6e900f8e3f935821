package e2e

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// Contract 7.4: Group.Shutdown works along with http.Server.Shutdown over TCP,
// one call after the other and by RegisterOnShutdown.
func TestShutdownOfHTTPServer(t *testing.T) {
	for _, test := range []struct {
		name     string
		shutdown func(*sockets.Group, *http.Server)
	}{
		{"one after the other", func(g *sockets.Group, s *http.Server) {
			g.Shutdown(context.Background())
			s.Shutdown(context.Background())
		}},
		{"RegisterOnShutdown", func(g *sockets.Group, s *http.Server) {
			ended := make(chan error, 1)
			s.RegisterOnShutdown(func() { ended <- g.Shutdown(context.Background()) })
			s.Shutdown(context.Background())
			<-ended
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var group sockets.Group
			began := make(chan bool, 2)
			handler := func(sender chan<- string, done <-chan bool) {
				sender <- "last words"
				began <- true
				<-done
			}
			server := wstest.NewServer(t,
				apptest.App(apptest.Text(apptest.In(&group)), handler))
			clients := []*wstest.Raw{server.Dial("/ws", nil), server.Dial("/ws", nil)}
			apptest.Next(t, "handler", began)
			apptest.Next(t, "handler", began)

			ended := make(chan bool)
			go func() {
				test.shutdown(&group, server.Config)
				close(ended)
			}()

			for _, client := range clients {
				_, got := client.ReadMessage()
				code, _ := client.ReadClose()
				client.Vanish()
				if string(got) != "last words" || code != 1001 {
					t.Errorf("received %q and %d, want last words and 1001", got, code)
				}
			}
			apptest.Next(t, "end of Shutdown", ended)
			if n := group.Len(); n != 0 {
				t.Errorf("Len() = %d, want 0", n)
			}
		})
	}
}

// Contract 7.2: through TLS too, Shutdown returns when its context ends. The
// client reads nothing, so TLS cannot write its end of the connection.
func TestShutdownOfStalledTLS(t *testing.T) {
	var group sockets.Group
	handler := func(sender chan<- string, done <-chan bool) {
		for {
			select {
			case sender <- strings.Repeat("a", 60_000):
			case <-done:
				return
			}
		}
	}
	server := httptest.NewUnstartedServer(apptest.App(apptest.Text(apptest.In(&group)),
		handler))
	listener := wstest.Count(server.Listener)
	server.Listener = listener
	server.StartTLS()
	defer server.Close()
	host := server.Listener.Addr().String()
	conn, err := tls.Dial("tcp", host, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	below := listener.Conn(t)
	wstest.Over(t, conn, host).Upgrade("/ws", nil)
	below.Stall()

	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	returned := make(chan error, 1)
	go func() { returned <- group.Shutdown(ctx) }()

	// Far less than the five seconds of crypto/tls, and enough for a busy machine.
	select {
	case err := <-returned:
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown() = %v, want the context's error", err)
		}
	case <-time.After(4 * time.Second):
		t.Error("Shutdown did not return with its context")
	}
	conn.NetConn().Close()
	group.Shutdown(context.Background())
}
