package e2e

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/gorilla/websocket"
)

// Contract 3.9, 4.1: the client's close frame decides, not a write that failed,
// even if the handler takes messages so slowly that done does not wait for it.
func TestSlowHandlerRegularClose(t *testing.T) {
	t.Parallel()
	end := make(chan error, 1)
	handler := func(receiver <-chan string, sender chan<- string, done <-chan bool,
		errs <-chan error) {
		var got error
		for {
			select {
			case m := <-receiver:
				sender <- m
				time.Sleep(400 * time.Millisecond)
			case err, ok := <-errs:
				if ok {
					got = err
				}
			case <-done:
				select {
				case err := <-errs: // the select may have chosen done
					got = errors.Join(got, err)
				default:
				}
				end <- got
				return
			}
		}
	}
	server := wstest.NewServer(t, apptest.Messages(handler))
	client := server.Dial("/ws", nil)
	client.Send(append(slices.Repeat([]wstest.Frame{wstest.Text("a")}, 20),
		wstest.Close(1000, ""))...)
	client.Vanish()

	if err := apptest.Next(t, "end", end); err != nil {
		t.Errorf("error = %v, want none: the client closed with 1000", err)
	}
}

// bytewise has TLS read no more than a record, so what follows stays in the kernel.
type bytewise struct{ net.Conn }

func (c bytewise) Read(b []byte) (int, error) { return c.Conn.Read(b[:min(len(b), 1)]) }
func (c bytewise) NetConn() net.Conn          { return c.Conn }

// corked sends what is written between begin and end in one packet.
type corked struct {
	net.Conn
	holds bool
	held  []byte
}

func (c *corked) Write(b []byte) (int, error) {
	if !c.holds {
		return c.Conn.Write(b)
	}
	c.held = append(c.held, b...)
	return len(b), nil
}

func (c *corked) begin() { c.holds = true }

func (c *corked) end() {
	c.holds = false
	c.SetWriteDeadline(time.Time{}) // TLS sets one when it ends its side
	c.Conn.Write(c.held)
}

// Contract 3.2, 3.8: a client sends its close frame and then TLS's end of the stream. It
// still reads everything that was sent before, whoever closed first.
func TestCloseNotifyBehindClose(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		version     uint16
		serverFirst bool
	}{
		{tls.VersionTLS12, false}, {tls.VersionTLS13, false}, {tls.VersionTLS13, true},
	} {
		name := fmt.Sprint(tls.VersionName(test.version), ", server first ", test.serverFirst)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const messages, size = 30, 2000
			sent, over := make(chan bool, 1), make(chan bool, 1)
			handler := func(receiver <-chan string, sender chan<- string,
				disconnect chan<- int, done <-chan bool) {
				<-receiver
				for range messages {
					sender <- strings.Repeat("a", size)
				}
				if test.serverFirst {
					disconnect <- 4000
					<-done // the close frame is out
				}
				sent <- true
				<-done
			}
			h := apptest.Messages(handler)
			counted := func(w http.ResponseWriter, r *http.Request) {
				h.ServeHTTP(w, r)
				over <- true
			}
			server := httptest.NewUnstartedServer(http.HandlerFunc(counted))
			server.Listener = wrapping{server.Listener,
				func(c net.Conn) net.Conn { return bytewise{c} }}
			server.StartTLS()
			defer server.Close()
			host := server.Listener.Addr().String()
			plain, err := net.Dial("tcp", host)
			if err != nil {
				t.Fatal(err)
			}
			plain.(*net.TCPConn).SetReadBuffer(4096)
			cork := &corked{Conn: plain}
			conn := tls.Client(cork, &tls.Config{
				InsecureSkipVerify: true,
				MinVersion:         test.version,
				MaxVersion:         test.version,
			})
			client := wstest.Over(t, conn, host)
			client.Upgrade("/ws", nil)
			client.Send(wstest.Text("go"))
			apptest.Next(t, "sent", sent)
			cork.begin()
			client.Send(wstest.Close(1000, ""))
			conn.CloseWrite()
			cork.end()
			apptest.Next(t, "end of the middleware", over)

			got := 0
			for {
				f, err := client.NextFrame()
				if err != nil {
					t.Fatalf("after %d of %d messages: %v, want all, and the close frame",
						got, messages, err)
				}
				if f.Opcode == wstest.OpClose {
					break
				}
				got++
			}
			if got != messages {
				t.Errorf("messages = %d, want %d", got, messages)
			}
		})
	}
}

// Contract 4.5: a ping of 125 bytes is answered, however small gorilla's write
// buffer is.
func TestPongThroughSmallBuffer(t *testing.T) {
	for _, compressed := range []bool{false, true} {
		apptest.Bubble(t, fmt.Sprint("compressed ", compressed), func(t *testing.T) {
			handler, outcomes := apptest.UntilDone()
			server := wstest.NewMemoryServer(t,
				apptest.Messages(handler, func(o *sockets.Options) {
					o.Upgrader = &websocket.Upgrader{EnableCompression: compressed,
						WriteBufferSize: 64}
				}), 0)
			client := server.Dial("/ws",
				http.Header{"Sec-Websocket-Extensions": {"permessage-deflate"}})
			payload := strings.Repeat("p", 125)
			client.Send(wstest.Ping(payload))
			f, err := client.NextFrame()
			if err != nil || f.Opcode != wstest.OpPong || string(f.Payload) != payload {
				t.Errorf("answer = %v, %v, want the pong; the handler's error is %v", f,
					err, (<-outcomes).Err)
			}
		})
	}
}

// Contract 1.6: an Upgrader's buffer that cannot be made is refused when the
// handler is made.
func TestUpgraderBuffers(t *testing.T) {
	for name, upgrader := range map[string]websocket.Upgrader{
		"read":  {ReadBufferSize: math.MaxInt},
		"write": {WriteBufferSize: math.MaxInt},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				v := recover()
				if v == nil || !strings.HasPrefix(fmt.Sprint(v), "sockets: ") {
					t.Errorf("panic = %v, want one of sockets", v)
				}
			}()
			o := apptest.Silent()
			o.Upgrader = &upgrader
			sockets.Messages(o)
		})
	}
}

// gate is a message whose encoding waits or fails.
type gate struct {
	open chan struct{}
	err  error
}

func (g *gate) MarshalJSON() ([]byte, error) {
	if g.open != nil {
		<-g.open
	}
	return []byte("1"), g.err
}

// Contract 4.1, 4.4: the client's close frame is answered with its own code,
// and 1000 is no error, even if a message that is still waiting cannot be sent.
func TestUnsendableAfterClientClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		open := make(chan struct{})
		errs := make(chan error, 1)
		handler := func(sender chan<- *gate, done <-chan bool, ended <-chan error) {
			sender <- &gate{open: open}
			sender <- &gate{err: errUnsendable}
			errs <- <-ended
			<-done
		}
		server := wstest.NewMemoryServer(t,
			apptest.App(apptest.JSON(gate{}, apptest.Silent()), handler), 0)
		client := server.Dial("/ws", nil)
		synctest.Wait()
		client.Send(wstest.Close(1000, ""))
		synctest.Wait()
		time.Sleep(100 * time.Millisecond)
		close(open)

		if code, _ := client.ReadClose(); code != 1000 {
			t.Errorf("answer to a close frame with 1000 = %d, want 1000", code)
		}
		client.Vanish()
		if err := <-errs; err != nil {
			t.Errorf("error = %v, want none", err)
		}
	})
}

var errUnsendable = errors.New("cannot be sent")

func (evil) Error() string { panic(evil{}) }

// Contract 2.4: the Error line names the available channel types, even if their
// names are long.
func TestHintOfLongType(t *testing.T) {
	type message = struct {
		Identifier   string          `json:"identifier,omitempty" db:"identifier"`
		Conversation string          `json:"conversation,omitempty" db:"conversation"`
		Author       string          `json:"author,omitempty" db:"author"`
		Body         json.RawMessage `json:"body,omitempty" db:"body"`
	}
	lines := new(syncLines)
	o := &sockets.Options{Logger: log.New(lines, "", 0)}
	over := make(chan bool, 1)
	h := apptest.App(apptest.JSON(message{}, o), func(chan<- message) {})
	server := wstest.NewServer(t,
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.ServeHTTP(w, r)
			over <- true
		}))
	client := server.Dial("/ws", nil)
	client.ReadClose()
	client.Vanish()
	apptest.Next(t, "end of the middleware", over)
	if text := lines.String(); !strings.Contains(text, "*sockets.Connection") {
		t.Errorf("log = %s, want all types that are given", text)
	}
}

// syncLines is a log that several goroutines can write and read.
type syncLines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *syncLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *syncLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
