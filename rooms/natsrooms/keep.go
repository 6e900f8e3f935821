package natsrooms

import (
	"context"
	"time"
)

// keep gives a new mark to rooms whose last message grows old, until the log is closed.
// A room without a message could not prove after an outage that it missed nothing. How
// old a message is may be wrong, if clocks are; then the mark comes too early, or
// members are removed without need.
func (l *Log) keep() {
	for {
		age, known := l.stream.age()
		pause := probePause
		switch {
		case !known:
			pause = firstWait
		case age > 0:
			pause = max(min(pause, age/8), 10*time.Millisecond)
		}
		if l.pool.Sleep(context.Background(), pause) != nil {
			return
		}
		if age == 0 || l.link.state() != nil {
			continue
		}
		for _, f := range l.pool.All() {
			born := f.bornAt()
			if !born.IsZero() && time.Since(born) > age/2 && l.pool.Err() == nil {
				l.renew(f)
			}
		}
	}
}

// renew marks a room after its last entry. If that is not the last, the room has missed
// something, and looks.
func (l *Log) renew(f *follower) {
	ctx, cancel := context.WithTimeout(context.Background(), attemptWait)
	defer cancel()
	leave, err := l.turns.begin(ctx, f.room)
	if err != nil {
		return // somebody appends
	}
	defer leave()
	breaks := l.breaks()
	last, ok := f.knownEnd(breaks)
	if !ok {
		if last, err = l.endOf(ctx, f.room, f, breaks); err != nil {
			return
		}
	}
	switch at, err := l.mark(ctx, f.room, last); {
	case err == nil:
		f.setEnd(at, breaks, time.Now())
	case judge(err) == moved:
		_, _ = l.endOf(ctx, f.room, f, breaks) // if it is empty now, it gets a mark
		l.pool.Owe(l.live(f.room), nil)
	}
}
