package crowd

import (
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
)

// Stay connects n clients and returns when each has echoed a message. The function that
// it returns waits for their ends: the server must tell each of them that it goes away.
func (c *Crowd) Stay(n int) (wait func()) {
	var here, gone sync.WaitGroup
	for i := range n {
		here.Add(1)
		gone.Go(func() {
			end := kind{name: "good to the end", live: func(l *life) error {
				return l.stay(sync.OnceFunc(here.Done))
			}}
			c.live(end, rand.New(rand.NewPCG(c.Seed, uint64(i))))
		})
	}
	here.Wait()
	return gone.Wait
}

// stay calls here once, in any case.
func (l *life) stay(here func()) error {
	defer here()
	conn, err := l.dial(target.Text, false)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.WriteMessage(websocket.TextMessage, []byte("staying")); err != nil {
		return err
	}
	if got, err := l.read(conn, websocket.TextMessage); err != nil || string(got) != "staying" {
		return fmt.Errorf("got %.40q, %w, want an echo", got, err)
	}
	here()
	return l.refused(conn, "shutting down", 0, "", websocket.CloseGoingAway)
}
