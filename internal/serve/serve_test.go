package serve

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/mempipe"
	"github.com/beatrichartz/martini-sockets/internal/stacks"
)

// get sends a request and returns what arrives until the connection ends.
func get(t *testing.T, l *mempipe.Listener, path string) string {
	t.Helper()
	c, err := l.Dial(context.Background())
	if err != nil {
		t.Errorf("Dial() = %v, want nil", err)
		return ""
	}
	defer c.Close()
	io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	got, _ := io.ReadAll(c)
	return string(got)
}

// stopTest is a row of TestStop.
type stopTest struct {
	name    string
	handler http.HandlerFunc
	waits   time.Duration
	want    []string // in the error
}

// TestStop calls Stop while handlers run. Each ends a second later unless it is stuck.
func TestStop(t *testing.T) {
	hijacks := func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			c, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			defer c.Close()
			next(w, r)
		}
	}
	slow := func(w http.ResponseWriter, r *http.Request) { time.Sleep(time.Second) }
	stuck := func(w http.ResponseWriter, r *http.Request) { time.Sleep(time.Hour) }
	tests := []stopTest{
		{"returns", slow, time.Second, nil},
		{"hijacks, returns", hijacks(slow), time.Second, nil},
		{"panics",
			func(w http.ResponseWriter, r *http.Request) {
				slow(w, r)
				panic("oops")
			}, time.Second, nil},
		{"stuck", stuck, time.Minute,
			[]string{"1m0s", "GET /0 from 192.0.2.2:1, GET /1 from",
				"serve.TestStop.func"}},
		{"hijacks, stuck", hijacks(stuck), time.Minute,
			[]string{"GET /0 from 192.0.2.2:1, GET /1 from", "serve.TestStop.func"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func (tt stopTest) run(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := mempipe.Listen(0)
		s := Start(l,
			&http.Server{Handler: tt.handler,
				ErrorLog: log.New(io.Discard, "", 0)})
		for _, path := range []string{"/0", "/1"} {
			go get(t, l, path)
			synctest.Wait()
		}
		start := time.Now()
		err := s.Stop(time.Minute)
		if waited := time.Since(start); waited != tt.waits {
			t.Errorf("Stop() after %v, want %v", waited, tt.waits)
		}
		if (err != nil) != (tt.want != nil) {
			t.Errorf("Stop() = %v, want an error: %t", err, tt.want != nil)
		}
		for _, want := range tt.want {
			if err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("Stop() = %v, want %s in it", err, want)
			}
		}
		time.Sleep(time.Hour) // until the stuck ones end
	})
}

func TestStopTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := Start(mempipe.Listen(0), &http.Server{})
		for range 2 {
			if err := s.Stop(time.Minute); err != nil {
				t.Errorf("Stop() = %v, want nil", err)
			}
			synctest.Wait()
			if left := stacks.With("serve.Start."); len(left) > 0 {
				t.Errorf("goroutines after Stop():\n%s", stacks.Join(left))
			}
		}
	})
}

// A request that arrives while Stop runs does not reach the handler.
func TestRefused(t *testing.T) {
	s := &Server{running: map[*http.Request]bool{}, idle: make(chan struct{})}
	h := s.counted(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the handler was called")
	}))
	s.refuse()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusServiceUnavailable ||
		!strings.Contains(w.Body.String(), "closed") {
		t.Errorf("response = %d, %q, want 503 that says why", w.Code, w.Body)
	}
}

// Without a handler, http.DefaultServeMux serves, as in net/http.
func TestDefaultHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := mempipe.Listen(0)
		s := Start(l, &http.Server{})
		if got := get(t, l, "/"); !strings.HasPrefix(got, "HTTP/1.1 404") {
			t.Errorf("response = %q, want 404", got)
		}
		if err := s.Stop(time.Minute); err != nil {
			t.Errorf("Stop() = %v, want nil", err)
		}
	})
}
