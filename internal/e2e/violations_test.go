package e2e

import (
	"bytes"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/hostile"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// more are violations after which no next frame can be found, or that only a message's
// content shows. The message limit is hostile.MaxMessageSize.
var more = []hostile.Row{
	{Name: "2^62 bytes", Code: 1009, Frames: wstest.Bytes(wstest.Binary(nil).Claiming(1 << 62))},
	{Name: "highest bit, twice", Code: 1002, Frames: bytes.Repeat(
		wstest.Bytes(wstest.Binary(nil).Claiming(1<<63)), 2)},
	{Name: "UTF-8 in a frame that claims more", Code: 1007,
		Frames: wstest.Bytes(wstest.Text("\xff").Claiming(1000))},
	{Name: "an HTTP request", Code: 1002, Frames: []byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n")},
	{Name: "close frame with half a code, nothing more", Code: 1002,
		Frames: wstest.Bytes(wstest.CloseRaw([]byte{3}))},
	{Name: "JSON", Code: 1007, Frames: wstest.Bytes(wstest.Text("{"))},
	{Name: "a method that panics", Code: 1011, Frames: wstest.Bytes(wstest.Text(`{"In":"UnmarshalJSON"}`))},
}

// violations returns all rows that break a rule, and are right for JSON before that.
func violations() []hostile.Row {
	return slices.DeleteFunc(slices.Concat(more, hostile.Rows), func(r hostile.Row) bool {
		return r.Code >= 3000 || r.Regular() || r.Name == "close with 1011" ||
			r.Name == "continuation after the end"
	})
}

// violated returns an app of JSON for the rows, with a group. Its handler sends n
// messages, and says so on sent if that is not nil.
func violated(n int, group *sockets.Group, sent chan<- bool) http.Handler {
	o := apptest.Silent(func(o *sockets.Options) {
		o.MaxMessageSize, o.MaxSendSize, o.Group = hostile.MaxMessageSize, -1, group
		o.SendChannelBuffer = 100
	})
	return apptest.App(apptest.JSON(rudeMessage{}, o), func(sender chan<- *rudeMessage,
		prepared chan<- *sockets.Prepared, done <-chan bool, errs <-chan error) {
		for range n {
			prepared <- sockets.PrepareBytes(make([]byte, 50_000))
		}
		if sent != nil {
			sent <- true
		}
		<-errs
		<-done
	})
}

// Contract 3.8: after any violation the stream ends right after the close frame, and TCP
// as soon as the client ends its side, whether it answers the close frame or not, and
// whatever it sends first.
func TestEndAfterViolation(t *testing.T) {
	after := map[string][]byte{
		"nothing":             nil,
		"a close frame":       wstest.Bytes(wstest.Close(1000, "")),
		"another violation":   wstest.Bytes(wstest.Binary(nil).Claiming(1 << 63)),
		"messages and a ping": wstest.Bytes(wstest.Text("{}"), wstest.Ping("a")),
	}
	for _, row := range violations() {
		for name, rest := range after {
			apptest.Bubble(t, row.Name+"/"+name, func(t *testing.T) {
				var group sockets.Group
				client := wstest.NewMemoryServer(t, violated(1, &group, nil), 0).Dial("/ws", nil)
				client.ReadMessage()
				begin := time.Now()
				client.SendBytes(row.Frames)

				code, _ := client.ReadClose()
				client.SendBytes(rest)
				client.ReadEnd()
				ended := time.Since(begin)
				client.Vanish()
				for synctest.Wait(); group.Len() > 0; synctest.Wait() {
					time.Sleep(time.Millisecond)
				}

				if code != row.Code || ended != 0 {
					t.Errorf("close code = %d and the end after %v, want %d at once", code,
						ended, row.Code)
				}
				if took := time.Since(begin); took > 10*time.Millisecond {
					t.Errorf("the network connection was closed after %v, want at once", took)
				}
			})
		}
	}
}

// Contract 3.8, 4.2: a client that breaks a rule, sends on and reads late gets all that
// was sent before, and the code. Over TCP a reset would destroy it.
func TestQueuedBeforeViolation(t *testing.T) {
	const n = 40
	sent := make(chan bool, 1)
	server := wstest.NewServer(t, violated(n, nil, sent))
	for _, row := range more {
		t.Run(row.Name, func(t *testing.T) {
			client := server.Dial("/ws", nil)
			apptest.Next(t, "sent", sent)
			written := make(chan bool)
			go func() { // ends after its last write, or when the server is gone
				defer close(written)
				client.Conn.Write(row.Frames)
				for range 200 {
					client.Conn.Write(bytes.Repeat(row.Frames, 1+20_000/len(row.Frames)))
				}
			}()
			<-written
			for i := range n {
				if f, err := client.NextFrame(); err != nil || len(f.Payload) != 50_000 {
					t.Fatalf("message %d of %d = %v, %v", i, n, f, err)
				}
			}
			if code, _ := client.ReadClose(); code != row.Code {
				t.Errorf("close code = %d, want %d", code, row.Code)
			}
			client.ReadEnd()
		})
	}
}

// Contract 3.8: also during the flush after a violation the library reads, so a client
// that writes all before it reads does not wait for the library, which waits for it.
func TestViolationThenWritesFirst(t *testing.T) {
	for _, row := range more {
		apptest.Bubble(t, row.Name, func(t *testing.T) {
			client := wstest.NewMemoryServer(t, violated(4, nil, nil), 1<<10).Dial("/ws", nil)
			synctest.Wait() // the writer is in the middle of the first message
			begin := time.Now()
			client.SendBytes(row.Frames)
			for range 100 {
				client.SendBytes(make([]byte, 1000))
			}
			for range 4 {
				if _, got := client.ReadMessage(); len(got) != 50_000 {
					t.Fatalf("received %d bytes, want 50000", len(got))
				}
			}
			code, _ := client.ReadClose()
			if took := time.Since(begin); code != row.Code || took > time.Second {
				t.Errorf("close code = %d after %v, want %d at once", code, took, row.Code)
			}
			client.Vanish()
		})
	}
}

// Contract 3.8: after a regular end, a violation in what is discarded is not the end of
// the network: the stream ends, and the client still gets all that was sent to it.
func TestViolationAfterTheEnd(t *testing.T) {
	for _, row := range violations() {
		apptest.Bubble(t, row.Name, func(t *testing.T) {
			var group sockets.Group
			h := apptest.Messages(func(sender chan<- string, disconnect chan<- int) {
				sender <- strings.Repeat("a", 50_000)
				disconnect <- 4000
			}, func(o *sockets.Options) {
				o.MaxMessageSize, o.MaxSendSize, o.Group = hostile.MaxMessageSize, -1, &group
			})
			client := wstest.NewMemoryServer(t, h, 1<<10).Dial("/ws", nil)
			synctest.Wait()
			begin := time.Now()
			for range 10 {
				client.SendBytes(row.Frames)
				client.SendBytes(make([]byte, 1000))
			}
			_, got := client.ReadMessage()
			code, _ := client.ReadClose()
			if len(got) != 50_000 || code != 4000 {
				t.Errorf("received %d bytes and %d, want 50000 and 4000", len(got), code)
			}
			if row.Code == 1007 || row.Code == 1011 {
				client.Vanish() // the messages are valid frames of strings
				return
			}
			client.ReadEnd()
			client.Vanish()
			for synctest.Wait(); group.Len() > 0; synctest.Wait() {
				time.Sleep(time.Millisecond)
			}
			if took := time.Since(begin); took > 50*time.Millisecond {
				t.Errorf("the network connection was closed after %v, want at once", took)
			}
		})
	}
}

// wrapped hides all but the methods of a net.Conn, as the connections of
// golang.org/x/net/netutil do.
type wrapped struct{ net.Conn }

// wrapping is a listener that wraps what it accepts.
type wrapping struct {
	net.Listener
	wrap func(net.Conn) net.Conn
}

func (l wrapping) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.wrap(c), nil
}

// Contract 3.8: a connection that cannot be half-closed is drained for a short time.
func TestNoHalfClose(t *testing.T) {
	sent := make(chan bool, 1)
	hiding := func(c net.Conn) net.Conn { return wrapped{c} }
	server := wstest.Serve(t, wrapping{wstest.ListenTCP(), hiding},
		&http.Server{Handler: violated(10, nil, sent)})
	client := server.Dial("/ws", nil)
	apptest.Next(t, "sent", sent)
	client.SendBytes(wstest.Bytes(wstest.Text("{").WithOpcode(3)))
	client.SendBytes(make([]byte, 10_000))
	for i := range 10 {
		if f, err := client.NextFrame(); err != nil || len(f.Payload) != 50_000 {
			t.Fatalf("message %d = %v, %v", i, f, err)
		}
	}
	code, _ := client.ReadClose()
	begin := time.Now()
	client.ReadEnd()
	if took := time.Since(begin); code != 1002 || took > 4*time.Second {
		t.Errorf("close code = %d and the end after %v, want 1002 and much less than 5s",
			code, took)
	}
}

// Contract 4.2: the close frames of a message's faults help the author of a page, and
// tell nothing of the server's inside.
func TestReasonsOfFaults(t *testing.T) {
	for _, row := range more {
		apptest.Bubble(t, row.Name, func(t *testing.T) {
			client := wstest.NewMemoryServer(t, violated(0, nil, nil), 0).Dial("/ws", nil)
			client.SendBytes(row.Frames)
			code, reason := client.ReadClose()
			want := map[int]string{1002: "", 1007: "the ", 1009: "1024 bytes", 1011: "internal error"}
			if !strings.Contains(reason, want[code]) || (reason == "") != (code == 1002) ||
				strings.Contains(reason, "panic") || strings.Contains(reason, ".go") {
				t.Errorf("close frame = %d %q, want %q in it", code, reason, want[code])
			}
			client.Vanish()
		})
	}
}
