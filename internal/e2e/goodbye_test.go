package e2e

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	sockets "github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// goodbye is a client that says something and leaves in one write, or in two.
type goodbye struct {
	name  string
	words int
	apart bool
	end   []byte
	code  int
}

var goodbyes = []goodbye{
	{"close", 1, false, wstest.Bytes(wstest.Close(1000, "")), 1000},
	{"close without a code", 1, false, wstest.Bytes(wstest.CloseRaw(nil)), 1005},
	{"close with an error", 1, false, wstest.Bytes(wstest.Close(4000, "")), 4000},
	{"close apart", 1, true, wstest.Bytes(wstest.Close(1000, "")), 1000},
	{"many messages", 30, false, wstest.Bytes(wstest.Close(1001, "")), 1001},
	{"violation", 1, false, wstest.Bytes(wstest.Text("a").WithOpcode(3)), 1002},
	{"not UTF-8", 5, false, wstest.Bytes(wstest.Text("\xff")), 1007},
	{"too big", 1, true, wstest.Bytes(wstest.Text("").Claiming(1 << 40)), 1009},
}

// Contract 3.9: a client that sends and leaves gets its answers, then the close frame, from
// an echo of one select.
func TestAnswersBeforeGoodbye(t *testing.T) {
	server := wstest.NewServer(t, apptest.Messages(apptest.Echo[string]))
	for _, test := range goodbyes {
		t.Run(test.name, func(t *testing.T) {
			for range 30 {
				client := server.Dial("/ws", nil)
				var words []byte
				for i := range test.words {
					words = wstest.Text(fmt.Sprint(i)).Append(words)
				}
				if test.apart {
					client.SendBytes(words)
					client.SendBytes(test.end)
				} else {
					client.SendBytes(append(words, test.end...))
				}
				for i := range test.words {
					f := client.ReadFrame()
					if f.Opcode == wstest.OpClose || string(f.Payload) != fmt.Sprint(i) {
						t.Fatalf("frame %d = %v, want the answer", i, f)
					}
				}
				if code, _ := client.ReadClose(); code != test.code {
					t.Fatalf("close code = %d, want %d", code, test.code)
				}
				client.Vanish()
			}
		})
	}
}

// Contract 3.9: a handler has a few milliseconds for its answer, in several messages too.
// A client to which nothing was delivered, or long ago, does not wait for them.
func TestTimeToAnswer(t *testing.T) {
	for _, test := range []struct {
		name  string
		words int           // that the client sends
		pause time.Duration // before the end
		takes time.Duration // of the handler for each of two answers
		want  int           // answers
		most  time.Duration // until the close frame
	}{
		{"nothing was delivered", 0, 0, 0, 0, 0},
		{"long ago", 1, time.Second, 0, 2, 0},
		{"at once", 1, 0, 0, 2, 10 * time.Millisecond},
		{"slow", 1, 0, 2 * time.Millisecond, 2, 10 * time.Millisecond},
		{"slow, after a pause", 1, time.Millisecond, 2 * time.Millisecond, 2,
			10 * time.Millisecond},
		{"too slow", 1, 0, time.Second, 0, 10 * time.Millisecond},
		{"busy, with one that waits", 2, 7 * time.Millisecond, 10 * time.Millisecond, 2,
			30 * time.Millisecond},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			server := wstest.NewMemoryServer(t, apptest.Messages(func(receiver <-chan string,
				sender chan<- string, done <-chan bool) {
				for {
					select {
					case m := <-receiver:
						for range 2 {
							time.Sleep(test.takes)
							sender <- m
						}
					case <-done:
						return
					}
				}
			}), 0)
			client := server.Dial("/ws", nil)
			time.Sleep(time.Second) // what counts is the age of the last message
			for range test.words {
				client.Send(wstest.Text("a"))
			}
			time.Sleep(test.pause)
			begin := time.Now()
			client.Send(wstest.Close(1000, ""))
			got := 0
			for client.ReadFrame().Opcode != wstest.OpClose {
				got++
			}
			if took := time.Since(begin); got != test.want || took > test.most {
				t.Errorf("%d answers and the close frame after %v, want %d and %v at most",
					got, took, test.want, test.most)
			}
			client.Vanish()
		})
	}
}

// Contract 4.2: the code for a message that cannot be sent goes out at once. It does not
// wait for a handler to take what the client sent, as a goodbye does.
func TestUnsendableIsNoGoodbye(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := wstest.NewMemoryServer(t, apptest.Messages(func(sender chan<- string,
			done <-chan bool) {
			time.Sleep(time.Second)
			sender <- "\xff"
			<-done
		}), 0)
		client := server.Dial("/ws", nil)
		client.Send(wstest.Text("waits in the receiver"))
		begin := time.Now()
		code, _ := client.ReadClose()
		if took := time.Since(begin); code != 1011 || took > time.Second {
			t.Errorf("close code = %d after %v, want 1011 after 1s", code, took)
		}
		client.Vanish()
	})
}

// Contract 2, 3.9: the context does not end before the answers: a handler may need it.
func TestContextOfAnAnswer(t *testing.T) {
	for _, end := range [][]byte{wstest.Bytes(wstest.Close(1000, "")),
		wstest.Bytes(wstest.Text("\xff"))} {
		synctest.Test(t, func(t *testing.T) {
			server := wstest.NewMemoryServer(t, apptest.Messages(func(ctx context.Context,
				receiver <-chan string, sender chan<- string, done <-chan bool) {
				for {
					select {
					case m := <-receiver:
						time.Sleep(time.Millisecond)
						if ctx.Err() == nil {
							sender <- m
						}
					case <-done:
						return
					}
				}
			}), 0)
			client := server.Dial("/ws", nil)
			client.Send(wstest.Text("a"), wstest.Text("b"))
			client.SendBytes(end)
			for _, want := range []string{"a", "b"} {
				if _, got := client.ReadMessage(); string(got) != want {
					t.Errorf("the answer is %q, want %s", got, want)
				}
			}
			client.ReadClose()
			client.Vanish()
		})
	}
}

// Contract 3.8, 3.9: a client that ends its side of the stream with its last frame still
// gets the answer, then the close frame.
func TestHalfClosedGoodbye(t *testing.T) {
	for _, test := range []struct {
		name string
		ping time.Duration // when a ping comes that the client does not answer
		end  wstest.Frame
		code int
	}{
		{"close", 0, wstest.Close(1000, ""), 1000},
		{"close, with a ping", 100 * time.Millisecond, wstest.Close(1000, ""), 1000},
		{"violation", 0, wstest.Text("").WithOpcode(3), 1002},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			server := wstest.NewMemoryServer(t, apptest.Messages(apptest.Echo[string],
				func(o *sockets.Options) { o.PingPeriod = test.ping }), 0)
			client := server.Dial("/ws", nil)
			time.Sleep(test.ping)
			client.SendBytes(wstest.Bytes(wstest.Text("a"), test.end))
			client.CloseWrite()
			f := client.ReadFrame()
			if f.Opcode == wstest.OpPing {
				f = client.ReadFrame()
			}
			if code, _ := client.ReadClose(); string(f.Payload) != "a" || code != test.code {
				t.Errorf("got %v and %d, want the answer and %d", f, code, test.code)
			}
			client.ReadEnd()
			client.Vanish()
		})
	}
}

// Contract 3.9: a client that leaves as soon as it has its answer waits for nothing, even
// if the server's write has not returned yet.
func TestAnsweredBeforeTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		echo := apptest.Messages(func(receiver <-chan string, sender chan<- string,
			done <-chan bool) {
			m := <-receiver
			time.Sleep(time.Millisecond)
			sender <- m
			<-done
		})
		server := wstest.NewMemoryServer(t, http.HandlerFunc(
			func(w http.ResponseWriter, r *http.Request) { echo.ServeHTTP(lateWriter{w}, r) }), 0)
		client := server.Dial("/ws", nil)
		client.Send(wstest.Text("a"))
		client.ReadFrame()
		begin := time.Now()
		client.Send(wstest.Close(1000, ""))
		client.ReadClose()
		if took := time.Since(begin); took > lateBy {
			t.Errorf("the close frame came after %v, want %v", took, lateBy)
		}
		client.Vanish()
	})
}

// lateWriter gives a network whose writes return after the peer has read.
type lateWriter struct{ http.ResponseWriter }

func (w lateWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	return lateConn{conn}, rw, err
}

const lateBy = time.Millisecond

type lateConn struct{ net.Conn }

func (c lateConn) Write(p []byte) (int, error) {
	defer time.Sleep(lateBy)
	return c.Conn.Write(p)
}
