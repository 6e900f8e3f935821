package attack

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// outside is middleware of net/http: it shows the test its controller of the connection.
func outside(h http.Handler, to chan<- *http.ResponseController) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to <- http.NewResponseController(w)
		h.ServeHTTP(w, r)
	})
}

// Contract 1.8: a deadline that others set between two writes is replaced, over TLS too.
func TestOthersDeadlineTLS(t *testing.T) {
	t.Parallel()
	for _, wait := range []time.Duration{-1, time.Minute} {
		for _, layer := range []string{"tcp", "tls"} {
			t.Run(layer+wait.String(), func(t *testing.T) {
				t.Parallel()
				to := make(chan *http.ResponseController, 1)
				h := app(&sockets.Options{WriteWait: wait}, func(in <-chan string,
					out chan<- string, done <-chan bool) {
					for {
						select {
						case s := <-in:
							out <- s
						case <-done:
							return
						}
					}
				})
				raw := serve(t, wstest.ListenTCP(), layer, outside(h, to))(false, nil)
				c := <-to
				for range 3 {
					c.SetWriteDeadline(time.Now().Add(-time.Second))
					c.SetReadDeadline(time.Now().Add(-time.Second))
					raw.Send(wstest.Text("a"))
					raw.ReadMessage()
				}
			})
		}
	}
}

// Contract 6: WriteWait limits a write, whoever clears the network's deadline.
func TestOthersClearDeadline(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"before", "during"} {
		for _, layer := range []string{"tcp", "tls"} {
			t.Run(layer+" "+when, func(t *testing.T) {
				t.Parallel()
				to := make(chan *http.ResponseController, 1)
				began := make(chan bool)
				ended := make(chan time.Duration, 1)
				h := app(&sockets.Options{WriteWait: time.Second, PongWait: -1,
					PingPeriod: -1, MaxSendSize: -1}, func(out chan<- string,
					errs <-chan error, done <-chan bool) {
					<-began
					begin := time.Now()
					out <- strings.Repeat("a", 16<<20)
					<-errs
					<-done
					ended <- time.Since(begin)
				})
				serve(t, wstest.ListenTCP(), layer, outside(h, to))(true, nil)
				c := <-to
				if when == "before" {
					c.SetWriteDeadline(time.Time{})
					began <- true
				} else {
					began <- true
					time.Sleep(300 * time.Millisecond)
					c.SetWriteDeadline(time.Time{})
				}
				within(t, "a write of 1s ended", 30*time.Second, ended) // without a deadline: never
			})
		}
	}
}
