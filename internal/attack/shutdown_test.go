package attack

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	ws "github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/go-martini/martini"
)

// Contract 7.2, 7.5: Shutdown ends a connection in every state, in time, and the sums of
// Stats stay right.
func TestShutdownInEveryState(t *testing.T) {
	t.Parallel()
	// The limits are far from five seconds, because the machine may be busy.
	const soon, late = 4 * time.Second, 15 * time.Second
	idle := func(done <-chan bool) { <-done }
	for _, tt := range []struct {
		name    string
		handler martini.Handler
		client  func(raw *ws.Raw)
		most    time.Duration
	}{
		{"idle", idle, func(raw *ws.Raw) {}, late},
		{"half a frame", idle, func(raw *ws.Raw) { raw.SendBytes([]byte{0x81}) }, late},
		{"a claim", idle, func(raw *ws.Raw) { raw.Send(ws.Text("a").Claiming(1000)) }, late},
		{"violated", idle, func(raw *ws.Raw) { raw.Send(ws.Text("a").Unmasked()) }, late},
		{"closed", idle, func(raw *ws.Raw) { raw.Send(ws.Close(1000, "")) }, soon},
		{"fin", idle, (*ws.Raw).CloseWrite, soon},
		{"ended, not answered", func(d chan<- int, done <-chan bool) { d <- 4000; <-done },
			func(raw *ws.Raw) { raw.ReadClose() }, late},
		{"full receiver", idle, func(raw *ws.Raw) {
			for range 50 {
				raw.Send(ws.Text("a"))
			}
		}, late},
		{"stalled write", func(out chan<- string, done <-chan bool) {
			for range 3 {
				out <- strings.Repeat("a", 8<<20)
			}
			<-done
		}, func(raw *ws.Raw) {}, late},
	} {
		for _, layer := range []string{"tcp", "tls"} {
			t.Run(tt.name+" "+layer, func(t *testing.T) {
				t.Parallel()
				var g sockets.Group
				dial := serve(t, ws.ListenTCP(), layer, app(&sockets.Options{Group: &g,
					WriteWait: 2 * time.Second, MaxSendSize: -1}, tt.handler))
				raw := dial(true, nil)
				tt.client(raw)
				time.Sleep(20 * time.Millisecond)
				begin := time.Now()
				ctx, cancel := context.WithTimeout(context.Background(), late+5*time.Second)
				defer cancel()
				err := g.Shutdown(ctx)
				if took := time.Since(begin); err != nil || took > tt.most {
					t.Errorf("Shutdown() = %v after %v, want nil within %v", err, took, tt.most)
				}
				var ended int64
				st := g.Stats()
				for _, n := range st.Ended {
					ended += n
				}
				if st.Open != 0 || st.Opened != 1 || ended != 1 || g.Len() != 0 {
					t.Errorf("stats %s", fmt.Sprintf("%+v", st))
				}
				raw.Vanish()
			})
		}
	}
}
