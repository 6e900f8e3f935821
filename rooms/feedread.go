package rooms

import (
	"context"
	"slices"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
)

// read reads the log from the last entry given, and gives the entries to the members. If
// the log cannot be read, a timer tries again, so that no goroutine waits.
func (f *feed[M]) read() {
	page, ok := f.page(f.place())
	if !ok {
		return
	}
	switch {
	case page.Whole:
		f.succeed(page.More)
		for _, e := range page.Entries {
			f.give(e)
		}
	case f.goesOn(): // what the log has dropped meanwhile was received
		f.succeed(true)
	default:
		f.restart(page)
		return
	}
	f.run()
}

// goesOn reports whether the entry after the last one given was received.
func (f *feed[M]) goesOn() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.ContainsFunc(f.later, func(n News) bool { return n.Prev == f.at })
}

func (f *feed[M]) place() Place {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at
}

// page reads. If that fails, or does not return, it has been reported, and a timer reads
// again.
func (f *feed[M]) page(after Place) (page Page, ok bool) {
	ctx, cancel := context.WithTimeout(context.Background(), logWait)
	defer cancel()
	err := recovered.ErrGoexit
	defer func() {
		if err != nil {
			f.fail(err)
		}
	}()
	page, err = f.log.Read(ctx, f.room.name, after)
	return page, err == nil
}

// fail reports err, and starts a timer that reads again.
func (f *feed[M]) fail(err error) {
	f.Rooms.fail(f.room.name, wrap("read", f.room.name, err))
	f.mu.Lock()
	defer f.mu.Unlock()
	f.look = true
	f.pause = min(max(firstRetry, 2*f.pause), lastRetry)
	f.retry = time.AfterFunc(f.pause, func() {
		if f.due() {
			f.read()
		}
	})
}

// due is called by the timer, and reports whether to read. No other goroutine is
// working on the feed then: take starts one only if it has stopped the timer.
func (f *feed[M]) due() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.retry = nil
	return !f.ended
}

func (f *feed[M]) succeed(more bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pause = 0
	f.look = f.look || more
}

// restart removes all members: the log was lost, or no longer has what they missed, and
// only a new JoinAfter can tell a client so. Members that join from now on start at the
// present end of the log.
func (f *feed[M]) restart(page Page) {
	end := Place{}
	for {
		if n := len(page.Entries); n > 0 {
			end = page.Entries[n-1].Place
		}
		if !page.More {
			break
		}
		var ok bool
		if page, ok = f.page(end); !ok {
			return // f.at has not changed, so the next read begins here again
		}
	}
	f.Rooms.fail(f.room.name, wrap("read", f.room.name, ErrGap))
	f.setAt(end)
	f.succeed(false)
	f.room.restartAt(f, end)
	f.run()
}
