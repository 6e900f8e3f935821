package attack

import (
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// Contract 3.4: if pings are off, silence alone counts, whatever PongWait is.
func TestShortestPongWait(t *testing.T) {
	for wait := time.Duration(1); wait < 6; wait++ {
		ended := make(chan error, 1)
		s := wstest.NewServer(t, app(&sockets.Options{PongWait: wait, PingPeriod: -1},
			func(errs <-chan error, done <-chan bool) {
				ended <- <-errs
				<-done
			}))
		raw := s.Dial("/", nil)
		select {
		case <-ended:
		case <-time.After(2 * time.Second):
			t.Errorf("PongWait %v: a silent client is kept", wait)
		}
		raw.Vanish()
	}
}
