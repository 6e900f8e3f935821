package main

import (
	"context"
	"io"
	"log"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/soak/internal/book"
	"github.com/beatrichartz/martini-sockets/bench/soak/internal/crowd"
	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
)

// limits of a soak in time.
type limits struct{ length, patience, settle time.Duration }

// attack is a soak with few clients, of all kinds. It reports whether all was well.
func attack(ctx context.Context, out io.Writer, l limits, f target.Faults) bool {
	s := &soak{length: l.length, settle: l.settle}
	s.ledger.Logger = log.New(out, "", 0)
	s.crowd = crowd.Crowd{Clients: 40, Seed: 1, Patience: l.patience, Rest: time.Second / 20,
		Pause: time.Second / 50, Stall: time.Second / 10}
	return s.run(ctx, f)
}

// A sound server passes. What Ctrl-C does is to end the context, here that of the second
// soak: it still looks at everything.
func TestASoundServerPasses(t *testing.T) {
	for _, length := range []time.Duration{time.Second / 2, time.Hour} {
		ctx, interrupt := context.WithTimeout(t.Context(), 2*time.Second)
		defer interrupt()
		var b strings.Builder
		well := attack(ctx, &b, limits{length, time.Minute, time.Minute}, target.Faults{})
		out := b.String()
		if !well || !strings.HasSuffix(out, "\nok\n") {
			t.Errorf("run = %v, want true, and ok:\n%s", well, out)
		}
		for _, kind := range []string{"good JSON", "hostile frames", `"good to the end": 40`} {
			if !strings.Contains(out, kind) {
				t.Errorf("no client is %s:\n%s", kind, out)
			}
		}
	}
}

// A fault is found in echoes and in rooms.
func TestFaultsAreFound(t *testing.T) {
	times := func(times int) target.Faults {
		return target.Faults{Message: func(int64) int { return times }}
	}
	const echo, room = `message \d+ of \d+: got`, `message \d+ of m\d+ came after`
	const messages = `(?s)(` + echo + `.*` + room + `|` + room + `.*` + echo + `)`
	var soaks sync.WaitGroup
	for _, tt := range []struct {
		name     string
		patience time.Duration // short if something never comes
		faults   target.Faults
		want     string
	}{
		{"lost", 2 * time.Second, times(0), messages},
		{"doubled", time.Minute, times(2), messages},
		{"late", 2 * time.Second, times(-1), messages},
		{"code", time.Minute, target.Faults{Code: 1}, "close 4322.*, want code 4321"},
		{"member", time.Minute, target.Faults{Stay: true}, "after leaving"},
	} {
		l := limits{time.Minute, tt.patience, 0}
		soaks.Go(func() { fails(t, tt.name, l, tt.want, tt.faults) })
	}
	soaks.Wait()
}

// What each connection leaves behind is there when the server has gone.
func TestLeaksAreFound(t *testing.T) {
	var mu sync.Mutex
	var memory [][]byte
	var open []*os.File
	over := make(chan struct{})
	opened := func() {
		go func() { <-over }()
		f, _ := os.Open(os.DevNull)
		mu.Lock()
		defer mu.Unlock()
		memory, open = append(memory, make([]byte, 1<<20)), append(open, f)
	}
	want := `after the server, there is more: map\[files:\d+ goroutines:\d+ memory:\d+\]`
	if book.Look()["files"] == 0 { // this system does not tell them
		want = `after the server, there is more: map\[goroutines:\d+ memory:\d+\]`
	}
	l := limits{time.Second / 4, time.Minute, time.Second / 2}
	fails(t, "leaks", l, want, target.Faults{Opened: opened})
	close(over)
	for _, f := range open {
		f.Close()
	}
	runtime.KeepAlive(memory)
}

// fails runs a soak that must fail, and say so. When it has, no more clients come.
func fails(t *testing.T, name string, l limits, want string, f target.Faults) {
	ctx, found := context.WithCancel(t.Context())
	defer found()
	if times := f.Message; times != nil {
		f.Message = func(nth int64) int {
			if nth%10 != 7 || ctx.Err() != nil {
				return 1
			}
			return times(nth)
		}
	}
	out := &until{want: regexp.MustCompile(want), found: found}
	well := attack(ctx, out, l, f)
	if well || ctx.Err() == nil || !strings.Contains(out.String(), "\nFAILED") {
		t.Errorf("%s: run = %v, want false, %q, and FAILED:\n%s", name, well, want, out)
	}
}

// until calls found when what is written matches want.
type until struct {
	strings.Builder
	want  *regexp.Regexp
	found func()
}

func (u *until) Write(p []byte) (int, error) {
	n, err := u.Builder.Write(p)
	if u.want.MatchString(u.String()) {
		u.found()
	}
	return n, err
}
