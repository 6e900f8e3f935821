package census

import (
	"context"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestOver(t *testing.T) {
	before := Count{Goroutines: 5, Files: 9, Memory: 1000}
	for _, tt := range []struct {
		name string
		now  Count
		want string
	}{
		{"the same", before, ""},
		{"less", Count{4, 8, 1}, ""},
		{"a little more memory", Count{5, 9, 1010}, ""},
		{"a goroutine", Count{6, 9, 1000}, "6 goroutines"},
		{"a file", Count{5, 10, 1000}, "10 files"},
		{"memory", Count{5, 9, 1011}, "1011 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.now.Over(before, 10)
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("Over = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFilesAreCounted(t *testing.T) {
	before := Take()
	if before.Files == 0 {
		t.Skip("this system does not tell open files")
	}
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := Take().Files; got != before.Files+1 {
		t.Errorf("Take with one more file open = %d files, want %d", got, before.Files+1)
	}
}

func TestSettle(t *testing.T) {
	before := Take()
	over := make(chan struct{})
	go func() { <-over }()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, what := Settle(ended, before, 1<<20); what == "" {
		t.Error("Settle with a goroutine more = nothing, want it")
	}
	if stacks := Stacks(1 << 20); !strings.Contains(stacks, "TestSettle") {
		t.Errorf("Stacks = %s\nwant the goroutine", stacks)
	}
	close(over)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, what := Settle(ctx, before, 1<<20); what != "" {
		t.Errorf("Settle = %q, want nothing", what)
	}
	if got := Steady(ctx); got.Goroutines != runtime.NumGoroutine() {
		t.Errorf("Steady = %v, want %d goroutines", got, runtime.NumGoroutine())
	}
}
