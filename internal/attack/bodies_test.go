package attack

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	ws "github.com/beatrichartz/martini-sockets/internal/wstest"
)

// Contract 1.8: a request that announces a body, in whatever form, is refused, and what
// follows it is no message. One that announces none is served, with frames in its packet.
func TestBodiesInEveryForm(t *testing.T) {
	got := make(chan string, 100)
	h := app(&sockets.Options{}, func(r *http.Request, in <-chan string, out chan<- string,
		done <-chan bool) {
		r.FormValue("x")
		io.ReadAll(r.Body)
		for {
			select {
			case s := <-in:
				got <- s
				out <- s
			case <-done:
				return
			}
		}
	})
	s := ws.NewServer(t, h)
	frames := string(ws.Bytes(ws.Text("hello"), ws.Close(1000, "")))
	for i, tt := range []struct {
		header, after string
		status        int // 0: net/http decides, but not 101
	}{
		{"", frames, 101},
		{"Content-Length: 0\r\n", frames, 101},
		{"Expect: 100-continue\r\n", frames, 101},
		{"Trailer: X\r\n", frames, 101},
		{"Content-Type: multipart/form-data; boundary=x\r\n", frames, 101},
		{"Content-Length: 5\r\n", frames, 400},
		{"content-length: 1000000000\r\n", frames, 400},
		{"Content-Length: 5\r\nContent-Length: 5\r\n", frames, 400},
		{"Content-Length: 5\r\nContent-Length: 6\r\n", frames, 0},
		{"Content-Length: 0\r\nContent-Length: 5\r\n", frames, 0},
		{"Content-Length: -1\r\n", frames, 0},
		{"Content-Length: 5\r\nExpect: 100-continue\r\n", frames, 400},
		{"Expect: 200-maybe\r\n", frames, 0},
		{"Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n" + frames, 400},
		{"transfer-encoding: ChunkeD\r\n", "0\r\n\r\n" + frames, 400},
		{"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", "0\r\n\r\n" + frames, 400},
		{"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", frames, 400},
		{"Transfer-Encoding: chunked, chunked\r\n", frames, 0},
		{"Transfer-Encoding: identity\r\n", frames, 0},
		{"Transfer-Encoding: gzip, chunked\r\n", frames, 0},
		{"Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n" + frames, 0},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			conn, err := net.Dial("tcp", s.Host)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(5 * time.Second))
			io.WriteString(conn, "GET / HTTP/1.1\r\nHost: "+s.Host+"\r\nOrigin: http://"+
				s.Host+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
				"Sec-WebSocket-Version: 13\r\n"+
				"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"+tt.header+"\r\n"+tt.after)
			br := bufio.NewReader(conn)
			resp, err := http.ReadResponse(br, nil)
			if err != nil {
				t.Fatalf("%q: %v", tt.header, err)
			}
			if resp.StatusCode != tt.status && (tt.status != 0 || resp.StatusCode == 101) {
				t.Errorf("%q: %s, want %d", tt.header, resp.Status, tt.status)
			}
			if strings.Contains(tt.header, "chunked\r\nContent-Length: 5") {
				return // net/http waits for the end of what it takes for chunks
			}
			rest, err := io.ReadAll(br)
			if err != nil && !strings.Contains(err.Error(), "reset") {
				t.Errorf("%q: not closed: %v", tt.header, err)
			}
			if resp.StatusCode == 101 {
				if want := "\x81\x05hello\x88\x02\x03\xe8"; string(rest) != want {
					t.Errorf("%q: %q, want %q", tt.header, rest, want)
				}
				<-got
			}
			select {
			case m := <-got:
				t.Errorf("%q: the handler got %q", tt.header, m)
			default:
			}
		})
	}
}
