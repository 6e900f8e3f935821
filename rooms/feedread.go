package rooms

import (
	"context"
	"time"
)

// read reads the log from the last entry given, and gives the entries to the members. If
// the log cannot be read, a timer tries again, so that no goroutine waits.
func (f *feed[M]) read() {
	page, err := f.page(f.place())
	if err != nil {
		f.fail(err)
		return
	}
	if !page.Whole {
		f.restart(page)
		return
	}
	f.succeed(page.More)
	for _, e := range page.Entries {
		f.give(e)
	}
	f.run()
}

func (f *feed[M]) place() Place {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at
}

func (f *feed[M]) page(after Place) (Page, error) {
	ctx, cancel := context.WithTimeout(context.Background(), logWait)
	defer cancel()
	return f.log.Read(ctx, f.room.name, after)
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
		var err error
		if page, err = f.page(end); err != nil {
			f.fail(err) // f.at has not changed, so the next read begins here again
			return
		}
	}
	f.Rooms.fail(f.room.name, wrap("read", f.room.name, ErrGap))
	f.setAt(end)
	f.succeed(false)
	f.room.restartAt(f, end)
	f.run()
}
