package main

import (
	"context"
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

// attack is a soak of a moment, whose clients do little by chance but all there is. It
// returns its verdict and what it says.
func attack(ctx context.Context, length, patience, settle time.Duration, f target.Faults,
) (bool, string) {
	var out strings.Builder
	s := &soak{length: length, settle: settle, ledger: book.Ledger{Logger: log.New(&out, "", 0)}}
	s.crowd = crowd.Crowd{Clients: 40, Seed: 1, Patience: patience,
		Rest: 50 * time.Millisecond, Pause: 20 * time.Millisecond, Stall: 100 * time.Millisecond}
	well := s.run(ctx, f)
	return well, out.String()
}

func TestASoundServerPasses(t *testing.T) {
	well, out := attack(t.Context(), time.Second/2, time.Minute, time.Minute, target.Faults{})
	if !well || !strings.HasSuffix(out, "\nok\n") {
		t.Errorf("run = %v, want true, and ok:\n%s", well, out)
	}
	for _, kind := range []string{"good JSON", "hostile frames", `"good to the end": 40`} {
		if !strings.Contains(out, kind) {
			t.Errorf("no client is %s:\n%s", kind, out)
		}
	}
}

// What Ctrl-C does is to end the context: the soak still looks at everything.
func TestInterruptEndsTheSoakEarly(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	well, out := attack(ctx, time.Hour, time.Minute, time.Minute, target.Faults{})
	if !well {
		t.Errorf("run = false, want true:\n%s", out)
	}
}

// A fault is found in echoes and in rooms.
func TestFaultsAreFound(t *testing.T) {
	times := func(times int) target.Faults {
		return target.Faults{Message: func(nth int64) int {
			if nth%10 == 7 {
				return times
			}
			return 1
		}}
	}
	const echo, room = `message \d+ of \d+: got`, `message \d+ of m\d+ came after`
	const messages = `(?s)(` + echo + `.*` + room + `|` + room + `.*` + echo + `)`
	var soaks sync.WaitGroup
	for _, tt := range []struct {
		name     string
		patience time.Duration // with the server; short if something never comes
		faults   target.Faults
		want     string
	}{
		{"lost", time.Second / 2, times(0), messages},
		{"doubled", time.Minute, times(2), messages},
		{"late", time.Second / 2, times(-1), messages},
		{"code", time.Minute, target.Faults{Code: 1}, "websocket: close 4322.*, want code 4321"},
		{"member", time.Minute, target.Faults{Stay: true}, "after leaving"},
	} {
		soaks.Go(func() { fails(t, tt.name, tt.patience, tt.want, tt.faults) })
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
	fails(t, "leaks", time.Minute, want, target.Faults{Opened: opened})
	close(over)
	for _, f := range open {
		f.Close()
	}
	runtime.KeepAlive(memory)
}

// fails runs a soak that must fail, and say so.
func fails(t *testing.T, name string, patience time.Duration, want string, f target.Faults) {
	well, out := attack(t.Context(), time.Second/2, patience, time.Second/2, f)
	if well || !regexp.MustCompile(want).MatchString(out) || !strings.Contains(out, "\nFAILED") {
		t.Errorf("%s: run = %v, want false, %q, and FAILED:\n%s", name, well, want, out)
	}
}
