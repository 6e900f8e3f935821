package history

import (
	"math/rand/v2"
	"time"
)

// reader is the goroutine that reads what a guest is sent. A guest that is not healthy
// reads slowly, and can be made to stand still.
type reader struct {
	guest   *guest
	rand    *rand.Rand
	stalled bool
	turns   chan struct{} // sent to when stalled has changed
	quit    chan struct{}
	done    chan struct{}
}

func startReader(g *guest) *reader {
	r := &reader{
		guest: g,
		rand:  rand.New(rand.NewPCG(uint64(g.name), 3)),
		turns: make(chan struct{}),
		quit:  make(chan struct{}),
		done:  make(chan struct{}),
	}
	go r.run()
	return r
}

// run ends when stop is called.
func (r *reader) run() {
	defer close(r.done)
	for {
		select {
		case msg := <-r.guest.in:
			r.guest.receive(msg)
			r.dawdle()
		case <-r.turns:
			select {
			case <-r.turns:
			case <-r.quit:
				return
			}
		case <-r.quit:
			return
		}
	}
}

// dawdle lets others run, or sleeps.
func (r *reader) dawdle() {
	switch {
	case r.guest.healthy:
	case r.rand.IntN(4) > 0:
		yield(r.rand.IntN(5))
	default:
		time.Sleep(draw(r.rand, r.guest.site.h.network.Pace/2))
	}
}

// toggle makes the reader stand still, or go on.
func (r *reader) toggle() {
	r.stalled = !r.stalled
	r.turns <- struct{}{}
}

func (r *reader) wake() {
	if r.stalled {
		r.toggle()
	}
}

func (r *reader) stop() {
	close(r.quit)
	<-r.done
}
