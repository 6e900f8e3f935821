package e2e

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// bodies are the ways in which a handshake can announce a body (RFC 9112, 6).
var bodies = []struct {
	name   string
	header http.Header
	status int
}{
	{"length", http.Header{"Content-Length": {"5"}}, 400},
	{"huge length", http.Header{"Content-Length": {"1000000000"},
		"Content-Type": {"multipart/form-data; boundary=x"}}, 400},
	{"chunks", http.Header{"Transfer-Encoding": {"chunked"}}, 400},
	{"promised body", http.Header{"Content-Length": {"5"}, "Expect": {"100-continue"}}, 400},
	{"length of zero", http.Header{"Content-Length": {"0"}}, 101},
	{"type without a body", http.Header{"Content-Type": {"multipart/form-data"}}, 101},
}

// Contract 1.8: a body that a handshake announces would be read from the stream of
// frames. It is refused, whatever the middleware does with the request first.
func TestBodiesAreRefused(t *testing.T) {
	limited := func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	}
	replaced := func(r *http.Request) {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader("form")), 0
	}
	for name, middleware := range map[string]any{
		"none": func() {}, "limited": limited, "replaced": replaced,
	} {
		handler := func(r *http.Request, receiver <-chan string, done <-chan bool) {
			if r.Body != http.NoBody {
				t.Errorf("the handler's request has a body, %T", r.Body)
			}
			r.FormValue("name")
			if m, ok := <-receiver; !ok || m != "hello" {
				t.Errorf("received %q, want hello", m)
			}
		}
		server := wstest.NewServer(t, behind(middleware, apptest.Messages(handler)))
		for _, test := range bodies {
			t.Run(fmt.Sprint(name, "/", test.name), func(t *testing.T) {
				client := server.Connect()
				resp := client.Handshake("/ws", test.header)
				if resp.StatusCode != test.status {
					t.Fatalf("status = %d, want %d", resp.StatusCode, test.status)
				}
				if test.status == http.StatusSwitchingProtocols {
					client.Send(wstest.Text("hello"))
					client.ReadClose()
				}
			})
		}
	}
}

// behind runs middleware, a func of a ResponseWriter and a Request or of less, before h.
func behind(middleware any, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch middleware := middleware.(type) {
		case func(http.ResponseWriter, *http.Request):
			middleware(w, r)
		case func(*http.Request):
			middleware(r)
		}
		h.ServeHTTP(w, r)
	})
}

// Contract 1.8: while frames arrive, the handler and the middleware do everything that a
// request and a ResponseWriter offer. The connection does not notice.
func TestRequestIsApart(t *testing.T) {
	const n = 300
	var others sync.WaitGroup
	up, quit := make(chan bool), make(chan struct{})
	middleware := func(w http.ResponseWriter, r *http.Request) {
		body := http.MaxBytesReader(w, r.Body, 10)
		r.Body = body
		others.Go(func() { // ends with the client's last message
			<-up
			control := http.NewResponseController(w)
			for {
				select {
				case <-quit:
					return
				default:
				}
				io.ReadAll(body)
				body.Close()
				control.SetReadDeadline(time.Now())
				control.SetWriteDeadline(time.Now())
				control.SetReadDeadline(time.Now().Add(-time.Hour))
				control.SetWriteDeadline(time.Now().Add(-time.Hour))
				control.EnableFullDuplex()
				w.Write([]byte("late"))
				w.Header().Set("Late", "yes")
			}
		})
	}
	handler := func(w http.ResponseWriter, r *http.Request, receiver <-chan string,
		sender chan<- string, done <-chan bool) {
		up <- true
		for {
			select {
			case m := <-receiver:
				r.ParseMultipartForm(1 << 20)
				r.FormValue("name")
				r.FormFile("file")
				io.ReadAll(r.Body)
				r.Body.Close()
				control := http.NewResponseController(w)
				control.SetReadDeadline(time.Now())
				control.SetWriteDeadline(time.Now())
				control.Flush()
				io.WriteString(w, "dropped")
				sender <- m
			case <-done:
				return
			}
		}
	}
	server := wstest.NewServer(t, behind(middleware, apptest.Messages(handler)))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of writes after the upgrade
	client := server.Dial("/ws", nil)
	defer others.Wait()
	defer close(quit)
	for i := range n {
		client.Send(wstest.Text(fmt.Sprint(i)), wstest.Ping("p"))
		if _, got := client.ReadMessage(); string(got) != fmt.Sprint(i) {
			t.Fatalf("message %d = %q", i, got)
		}
	}
	client.Send(wstest.Close(1000, ""))
	if code, _ := client.ReadClose(); code != 1000 {
		t.Errorf("close code = %d, want 1000", code)
	}
}
