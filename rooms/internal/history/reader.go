package history

import (
	"math/rand/v2"
	"time"
)

// reader is the goroutine that reads what a guest is sent. A guest that is not healthy
// reads slowly, and can be made to stand still.
type reader struct {
	guest  *guest
	rand   *rand.Rand
	resume chan struct{}      // of the stall that goes on, nil if none does
	stalls chan chan struct{} // tells the goroutine of the next
	quit   chan struct{}
	done   chan struct{}
}

func startReader(g *guest) *reader {
	r := &reader{
		guest:  g,
		rand:   rand.New(rand.NewPCG(uint64(g.name), 3)),
		stalls: make(chan chan struct{}),
		quit:   make(chan struct{}),
		done:   make(chan struct{}),
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
		case resume := <-r.stalls:
			select {
			case <-resume:
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
	if r.resume != nil {
		close(r.resume)
		r.resume = nil
		return
	}
	r.resume = make(chan struct{})
	r.stalls <- r.resume
}

func (r *reader) wake() {
	if r.resume != nil {
		r.toggle()
	}
}

func (r *reader) stop() {
	close(r.quit)
	<-r.done
}
