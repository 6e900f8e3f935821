package wstest

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// waitFor stands for code of the module that waits.
func waitFor(c <-chan struct{}) { <-c }

func TestNoLeaks(t *testing.T) {
	tests := []struct {
		name  string
		start func(release chan struct{})
		want  string // part of the failure; "" for no failure
	}{
		{name: "nothing", start: func(chan struct{}) {}},
		{
			name:  "runs in the module",
			start: func(release chan struct{}) { go waitFor(release) },
			want:  "wstest.waitFor(",
		},
		{
			name: "started by the module",
			start: func(release chan struct{}) {
				r, w := io.Pipe()
				go io.ReadAll(r)
				go func() { waitFor(release); w.Close() }()
			},
			want: "io.ReadAll(",
		},
		{
			name:  "is about to end",
			start: func(chan struct{}) { go time.Sleep(leakWait / 2) },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				defer close(release)
				failures := strings.Join(Record(func(tb testing.TB) {
					NoLeaks(tb)
					tt.start(release)
				}), "\n")
				if (failures == "") != (tt.want == "") ||
					!strings.Contains(failures, tt.want) {
					t.Errorf("failures = %q, want %q in it", failures, tt.want)
				}
			})
		})
	}
}

func TestNoLeaksBlamesNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		go waitFor(release)
		synctest.Wait()
		if failures := Record(func(tb testing.TB) { NoLeaks(tb) }); failures != nil {
			t.Errorf("failures for what ran before = %q, want none", failures)
		}
	})
}
