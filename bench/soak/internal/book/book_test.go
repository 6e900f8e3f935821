package book

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestLedger(t *testing.T) {
	var l Ledger
	for _, name := range []string{"good", "bad", "good"} {
		l.Count(name)
	}
	for i := range 3 {
		l.Fault("fault %d", i)
	}
	const want = "3 faults, bad 1, good 2"
	if got := l.String(); got != want || l.Counted() != 2 {
		t.Errorf("String = %q, %d counted, want %q, 2", got, l.Counted(), want)
	}
	if got := l.Faults(2); len(got) != 1 || got[0] != "fault 2" {
		t.Errorf("Faults(2) = %q, want fault 2", got)
	}
}

func TestOver(t *testing.T) {
	before := Census{Goroutines: 5, Files: 9, Memory: 1000}
	for _, tt := range []struct {
		name string
		now  Census
		want string
	}{
		{"the same", before, ""},
		{"less", Census{4, 8, 1}, ""},
		{"a little more memory", Census{5, 9, 1010}, ""},
		{"a goroutine", Census{6, 9, 1000}, "6 goroutines"},
		{"a file", Census{5, 10, 1000}, "10 files"},
		{"memory", Census{5, 9, 1011}, "1011 bytes"},
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
	if _, what := Settle(time.Now(), before, 1<<20); what == "" {
		t.Error("Settle with a goroutine more = nothing, want it")
	}
	close(over)
	late := time.Now().Add(time.Minute)
	if _, what := Settle(late, before, 1<<20); what != "" {
		t.Errorf("Settle = %q, want nothing", what)
	}
	if got := Steady(late); got.Goroutines != runtime.NumGoroutine() {
		t.Errorf("Steady = %v, want %d goroutines", got, runtime.NumGoroutine())
	}
}
