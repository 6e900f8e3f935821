package attack

import (
	"testing"
	"testing/synctest"

	"github.com/beatrichartz/martini-sockets"
	ws "github.com/beatrichartz/martini-sockets/internal/wstest"
)

// Contract 3.6: of a code and a call of Close, one after the other, the first counts.
func TestFirstOfCodeAndClose(t *testing.T) {
	for want, ask := range map[int]func(chan<- int, *sockets.Connection){
		4003: func(d chan<- int, c *sockets.Connection) { d <- 4003; c.Close(4004, "") },
		4004: func(d chan<- int, c *sockets.Connection) { c.Close(4004, ""); d <- 4003 },
		4005: func(d chan<- int, c *sockets.Connection) { c.Close(4005, ""); panic("late") },
		1011: func(d chan<- int, c *sockets.Connection) { close(d); c.Close(4006, "") },
	} {
		synctest.Test(t, func(t *testing.T) {
			s := ws.NewMemoryServer(t, app(&sockets.Options{}, func(d chan<- int,
				c *sockets.Connection, done <-chan bool) {
				synctest.Wait() // until the closer waits
				ask(d, c)
				<-done
			}), 0)
			raw := s.Dial("/", nil)
			if code, _ := raw.ReadClose(); code != want {
				t.Errorf("code %d, want %d", code, want)
			}
			raw.Vanish()
		})
	}
}
