package main

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/soak/internal/book"
	"github.com/beatrichartz/martini-sockets/bench/soak/internal/crowd"
	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
)

// attack is a soak of a second or two, whose clients do little by chance but all there
// is. It returns its verdict and what it says.
func attack(ctx context.Context, length, patience, settle time.Duration, f target.Faults,
) (bool, string) {
	var out strings.Builder
	s := &soak{length: length, settle: settle, out: &out}
	s.crowd.Options = crowd.Options{Clients: 40, Seed: 1, Patience: patience,
		Rest: 100 * time.Millisecond, Pause: 20 * time.Millisecond, Stall: 200 * time.Millisecond}
	well := s.run(ctx, f)
	return well, out.String()
}

func TestASoundServerPasses(t *testing.T) {
	well, out := attack(t.Context(), time.Second, time.Minute, time.Minute, target.Faults{})
	if !well || !strings.HasSuffix(out, "\nok\n") {
		t.Errorf("run = %v, want true, and ok:\n%s", well, out)
	}
	for _, kind := range []string{"good JSON", "hostile frames", "good to the end 40"} {
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

// A few messages of a broken server are enough.
func TestAWrongMessageFails(t *testing.T) {
	for name, times := range map[string]int{"lost": 0, "doubled": 2, "late": target.Late} {
		t.Run(name, func(t *testing.T) {
			fails(t, 3*time.Second, ": message ", target.Faults{Message: func(nth int64) int {
				if nth%100 == 20 {
					return times
				}
				return 1
			}})
		})
	}
}

func TestALeakFails(t *testing.T) {
	var mu sync.Mutex
	var leaked []any
	keep := func(a any) {
		mu.Lock()
		defer mu.Unlock()
		leaked = append(leaked, a)
	}
	for want, leak := range map[string]func(over chan struct{}){
		"goroutines, there were":      func(over chan struct{}) { go func() { <-over }() },
		"bytes of memory, there were": func(chan struct{}) { keep(make([]byte, 1<<20)) },
		"files open, there were": func(chan struct{}) {
			f, _ := os.Open(os.DevNull)
			keep(f)
		},
	} {
		t.Run(want, func(t *testing.T) {
			if strings.HasPrefix(want, "files") && book.Look().Files == 0 {
				t.Skip("this system does not tell open files")
			}
			over := make(chan struct{})
			defer close(over)
			fails(t, time.Minute, want, target.Faults{Opened: func() { leak(over) }})
			for _, a := range leaked {
				if f, ok := a.(*os.File); ok {
					f.Close()
				}
			}
			leaked = nil
		})
	}
}

// fails runs a soak that must fail, and say so.
func fails(t *testing.T, patience time.Duration, want string, faults target.Faults) {
	t.Helper()
	well, out := attack(t.Context(), time.Second/2, patience, time.Second, faults)
	if well || !strings.Contains(out, want) || !strings.Contains(out, "\nFAILED") {
		t.Errorf("run = %v, want false, %q, and FAILED:\n%s", well, want, out)
	}
}
