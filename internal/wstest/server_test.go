package wstest

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

func TestServerWaitsForHandlers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		stuck := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			waitFor(release)
		})
		failures := Record(func(tb testing.TB) {
			NewMemoryServer(tb, stuck,
				0).Connect().SendBytes([]byte("GET /stuck HTTP/1.1\r\nHost: x\r\n\r\n"))
			synctest.Wait()
		})
		if len(failures) != 1 ||
			!strings.Contains(failures[0], "GET /stuck from 192.0.2.2:1") {
			t.Errorf("failures = %q, want one that names the request", failures)
		}
		close(release)
	})
}

func TestServerDialFails(t *testing.T) {
	failures := Record(func(tb testing.TB) {
		l := ListenTCP()
		s := Serve(tb, l, &http.Server{Handler: echo})
		l.Close()
		s.Dial("/", nil)
	})
	if len(failures) != 1 || !strings.Contains(failures[0], "refused") {
		t.Errorf("failures = %q, want one", failures)
	}
}
