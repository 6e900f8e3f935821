package main

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/soak/internal/census"
	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
)

// brief is a soak of a second or two, whose clients do little by chance but all there is.
func brief() options {
	o := options{length: time.Second, every: time.Second, settle: time.Minute, spare: 8 << 20}
	o.Clients, o.Seed = 40, 1
	o.Rest, o.Pause = 100*time.Millisecond, 20*time.Millisecond
	o.Stall, o.Patience = 200*time.Millisecond, time.Minute
	return o
}

func TestASoundServerPasses(t *testing.T) {
	var out strings.Builder
	if !run(t.Context(), brief(), target.Faults{}, &out) {
		t.Errorf("run = false, want true:\n%s", out.String())
	}
	if !strings.HasSuffix(out.String(), "\nok\n") || !strings.Contains(out.String(), "good JSON") {
		t.Errorf("run says %s\nwant the clients, and ok", out.String())
	}
}

// The books are exact: one message of a broken server is enough.
func TestAWrongMessageFails(t *testing.T) {
	for name, fault := range map[string]target.Fault{
		"lost": target.Lost, "doubled": target.Doubled, "late": target.Late,
	} {
		t.Run(name, func(t *testing.T) {
			o := brief()
			o.Patience = 3 * time.Second
			fails(t, o, ": message ", target.Faults{Message: func(nth int64) target.Fault {
				if nth%100 == 20 {
					return fault
				}
				return target.None
			}})
		})
	}
}

func TestALeakFails(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		leak       func(t *testing.T) func()
	}{
		{"goroutine", "goroutines, there were", leakGoroutine},
		{"file", "files open, there were", leakFile},
		{"memory", "bytes of memory, there were", leakMemory},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "file" && census.Look().Files == 0 {
				t.Skip("this system does not tell open files")
			}
			o := brief()
			o.settle = time.Second
			fails(t, o, tt.want, target.Faults{Opened: tt.leak(t)})
		})
	}
}

// fails runs a soak that must fail, and say so.
func fails(t *testing.T, o options, want string, faults target.Faults) {
	t.Helper()
	o.length /= 2
	var out strings.Builder
	if run(t.Context(), o, faults, &out) {
		t.Errorf("run = true, want false")
	}
	if s := out.String(); !strings.Contains(s, want) || !strings.Contains(s, "\nFAILED") {
		t.Errorf("run says %s\nwant %q, and FAILED", s, want)
	}
}

func leakGoroutine(t *testing.T) func() {
	over := make(chan struct{})
	var leaked sync.WaitGroup
	t.Cleanup(leaked.Wait)
	t.Cleanup(func() { close(over) })
	return func() { leaked.Go(func() { <-over }) }
}

func leakFile(t *testing.T) func() {
	return func() {
		if f, err := os.Open(os.DevNull); err == nil {
			t.Cleanup(func() { f.Close() })
		}
	}
}

func leakMemory(t *testing.T) func() {
	var mu sync.Mutex
	var leaked [][]byte
	t.Cleanup(func() { leaked = nil })
	return func() {
		mu.Lock()
		defer mu.Unlock()
		leaked = append(leaked, make([]byte, 1<<20))
	}
}

// What Ctrl-C does is to end the context: the soak still looks at everything.
func TestInterruptEndsTheSoakEarly(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	o := brief()
	o.length = time.Hour
	var out strings.Builder
	if !run(ctx, o, target.Faults{}, &out) {
		t.Errorf("run = false, want true:\n%s", out.String())
	}
}

func TestOrdinary(t *testing.T) {
	for _, tt := range []struct {
		length  time.Duration
		clients int
		want    int
	}{{30 * time.Second, 0, 200}, {time.Hour, 7, 7}, {time.Hour, 1 << 30, 0}} {
		got := ordinary(tt.length, tt.clients, 1).Clients
		if got < 1 || got > max(tt.clients, 200) || tt.want > 0 && got > tt.want {
			t.Errorf("ordinary(%v, %d) = %d clients, want %d", tt.length, tt.clients, got, tt.want)
		}
	}
}
