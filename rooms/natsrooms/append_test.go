package natsrooms

import (
	"context"
	"errors"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// Contract 11.2: what is not sent because the time is over is certain, and nobody waits
// for its echo.
func TestAppendAfterItsTime(t *testing.T) {
	l := pipeLog(t)
	f := &follower{breaks: l.breaks, receive: func(rooms.News) {}}
	if err := l.pool.Subscribe(l.live("room"), f); err != nil {
		t.Fatalf("Subscribe = %v, want no error", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 {
		a := l.newAppend("room", nil)
		if _, _, err := a.as(ctx, "id"); !errors.Is(err, context.Canceled) || a.uncertain {
			t.Errorf("as = %v, uncertain %v, want %v, certain", err, a.uncertain, context.Canceled)
		}
	}
	if n := len(f.awaited); n != 0 {
		t.Errorf("%d echoes are waited for, want none", n)
	}
}
