package pool

import (
	"fmt"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
)

// Link is a client's connection to its network, as the watcher sees it.
type Link interface {
	// Look returns how often the connection was replaced so far, so that no outage is
	// too short to be noticed. gone is why it will not come back by itself, or nil.
	Look() (breaks uint64, gone error)
	// Settle returns nil if the network is there, and has all subscriptions that were
	// sent before. It may take some seconds.
	Settle() error
}

// watchPeriod is the time between two looks. Clients have handlers for outages, but
// those belong to the program, or lose events that come quickly.
const watchPeriod = 250 * time.Millisecond

// watcher notices outages.
type watcher[M comparable, R Room[M]] struct {
	pool   *Pool[M, R]
	link   Link
	outage error
	hook   func(outage error) // may be nil

	breaks, late uint64 // told so far
	gone         bool   // told that the connection is gone
}

// Watch starts a goroutine that watches a link until Close. After an outage it owes the
// error outage to all rooms, or to the late ones, and calls hook, if there is one, with
// it. If the link is gone, it does both at once, with an error that wraps outage and the
// reason. The hook is the program's: it may panic.
func (p *Pool[M, R]) Watch(link Link, outage error, hook func(outage error)) {
	w := &watcher[M, R]{pool: p, link: link, outage: outage, hook: hook}
	w.breaks, _ = link.Look()
	p.running.Go(w.run)
}

// run ends when the pool is closed.
func (w *watcher[M, R]) run() {
	tick := time.NewTicker(watchPeriod)
	defer tick.Stop()
	for {
		select {
		case <-w.pool.quit:
			return
		case <-tick.C:
			w.look()
		}
	}
}

// look tells the rooms of an outage if it is over. It first waits until the network has
// the subscriptions that were sent before, so that after it no message is missed.
func (w *watcher[M, R]) look() {
	breaks, gone := w.link.Look()
	if gone != nil {
		if !w.gone {
			w.tell(fmt.Errorf("%w: %w", w.outage, gone), every[M, R])
		}
		w.gone = true
		return
	}
	w.gone = false
	late := w.pool.late.Load()
	if breaks == w.breaks && late == w.late || w.link.Settle() != nil {
		return // nothing happened; or it is not over, and the next look finds out
	}
	concerns := every[M, R]
	if told := w.late; breaks == w.breaks {
		concerns = func(s *seat[M, R]) bool { return told < s.late && s.late <= late }
	}
	w.breaks, w.late = breaks, late
	w.tell(w.outage, concerns)
}

func (w *watcher[M, R]) tell(loss error, concerns func(*seat[M, R]) bool) {
	w.pool.owe(loss, concerns)
	if w.hook != nil {
		recovered.Tell("OnOutage", loss, func() { w.hook(loss) })
	}
}
