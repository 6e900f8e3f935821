package e2e

import (
	"crypto/tls"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// Contract 3.9, 4.1: a client sends, closes and vanishes. It loses nothing
// while the handler takes messages, however slowly, even if the answers fail.
// The client's close frame decides.
func TestGoneBeforeItsMessagesAreTaken(t *testing.T) {
	const n = 40
	for _, pause := range []time.Duration{50 * time.Millisecond, 200 * time.Millisecond} {
		for _, code := range []int{1000, 1001} {
			apptest.Bubble(t, fmt.Sprint(pause, code), func(t *testing.T) {
				outcomes := make(chan apptest.Outcome, 1)
				server := wstest.NewMemoryServer(t,
					apptest.Messages(slowEcho(pause, outcomes)), 1<<20)
				client := server.Dial("/ws", nil)
				for i := range n {
					client.Send(wstest.Text(fmt.Sprint(i)))
				}
				client.Send(wstest.Close(code, ""))
				client.Vanish()

				if o := <-outcomes; len(o.Received) != n || o.Err != nil {
					t.Errorf("received %d messages, error %v, want %d and none",
						len(o.Received), o.Err, n)
				}
			})
		}
	}
}

// slowEcho returns a handler that answers each message after a pause, and
// reports what it saw.
func slowEcho(pause time.Duration, outcomes chan<- apptest.Outcome) any {
	return func(receiver <-chan string, sender chan<- string, done <-chan bool,
		errs <-chan error) {
		var o apptest.Outcome
		for !o.Done {
			select {
			case m := <-receiver:
				o.Received = append(o.Received, m)
				time.Sleep(pause)
				sender <- m
			case err, ok := <-errs:
				if ok {
					o.Err = err
				}
			case o.Done = <-done:
			}
		}
		outcomes <- o
	}
}

// The same over TCP, where the kernel fails the answers. The client uses one write:
// if it closes with unread answers, the kernel drops what it has not sent yet.
func TestGoneOverTCP(t *testing.T) {
	outcomes := make(chan apptest.Outcome, 1)
	server := wstest.NewServer(t, apptest.Messages(slowEcho(time.Millisecond, outcomes)))
	for range 10 {
		client := server.Dial("/ws", nil)
		var frames []wstest.Frame
		for i := range 40 {
			frames = append(frames, wstest.Text(fmt.Sprint(i)))
		}
		client.Send(append(frames, wstest.Close(1000, ""))...)
		client.Conn.Close()

		if o := apptest.Next(t, "outcome", outcomes); len(o.Received) != 40 ||
			o.Err != nil {
			t.Errorf("received %d messages, error %v, want 40 and none", len(o.Received),
				o.Err)
		}
	}
}

// Contract 3.2: TLS can return bytes together with the end of the stream. An
// unfinished message in them is not delivered, and a violation in them counts.
func TestEndOfTLS(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, test := range []struct {
			name     string
			send     []byte
			received []string
			code     int // 1006 for a stream that has ended
		}{
			{"fragment", wstest.Bytes(wstest.Text("half").More()), nil, 1006},
			{"half a frame", wstest.Bytes(wstest.Text("whole"), wstest.Text("half"))[:15],
				[]string{"whole"}, 1006},
			{"message", wstest.Bytes(wstest.Text("whole")), []string{"whole"}, 1006},
			{"violation",
				wstest.Bytes(wstest.Text("whole"), wstest.Text("a").WithOpcode(3)),
				[]string{"whole"}, 0},
		} {
			t.Run(fmt.Sprint(test.name, version), func(t *testing.T) {
				handler, outcomes := apptest.UntilDone()
				server := httptest.NewTLSServer(apptest.Messages(handler))
				defer server.Close()
				conn, err := tls.Dial("tcp", server.Listener.Addr().String(),
					&tls.Config{InsecureSkipVerify: true, MaxVersion: version})
				if err != nil {
					t.Fatal(err)
				}
				client := wstest.Over(t, conn, server.Listener.Addr().String())
				client.Upgrade("/ws", nil)

				client.SendBytes(test.send)
				conn.Close() // close_notify may be read together with the bytes

				o := apptest.Next(t, "outcome", outcomes)
				if !slices.Equal(o.Received, test.received) ||
					apptest.CloseCode(o.Err) != test.code || o.Err == nil {
					t.Errorf("received %q, error %v, want %q, code %d", o.Received, o.Err,
						test.received, test.code)
				}
			})
		}
	}
}

// Contract 3.3, 3.8: a client that writes everything before it reads, and a handler that
// takes nothing after the end, do not wait for each other.
func TestClientWritesFirst(t *testing.T) {
	big := strings.Repeat("a", 60_000)
	for name, handler := range map[string]any{
		"returned": func(sender chan<- string) { sender <- big },
		"waits": func(sender chan<- string, disconnect chan<- int, done <-chan bool) {
			sender <- big
			disconnect <- 1000
			<-done
		},
	} {
		apptest.Bubble(t, name, func(t *testing.T) {
			client := wstest.NewMemoryServer(t, apptest.Messages(handler), 1<<10).Dial("/ws", nil)
			begin := time.Now()
			for range 200 {
				client.Send(wstest.Text(strings.Repeat("b", 1000)))
			}
			_, got := client.ReadMessage()
			code, _ := client.ReadClose()
			if took := time.Since(begin); len(got) != len(big) || code != 1000 ||
				took > time.Second {
				t.Errorf("received %d bytes and %d after %v, want %d and 1000 at once",
					len(got), code, took, len(big))
			}
			client.Send(wstest.Close(1000, ""))
		})
	}
}
