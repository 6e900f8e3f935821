package redisrooms

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestLogOptions(t *testing.T) {
	want := LogOptions{Prefix: "rooms", Count: 256, Age: 24 * time.Hour,
		Window: 2 * time.Minute, Wait: 5 * time.Second, Pending: 8192}
	for _, o := range []*LogOptions{nil, {}} {
		if got := compileLog(o); got != want {
			t.Errorf("compileLog(%v) = %+v, want %+v", o, got, want)
		}
	}
	if got := compileLog(&LogOptions{Age: time.Minute}).Window; got != time.Minute {
		t.Errorf("Window for an Age of a minute = %v, want a minute", got)
	}
	got := compileLog(&LogOptions{Count: -1, Age: -1})
	if got.Count != math.MaxInt || got.Age != math.MaxInt64 || got.Window != 2*time.Minute {
		t.Errorf("compileLog(no limits) = %+v, want the highest numbers", got)
	}
}

func TestLogOptionsPanic(t *testing.T) {
	tests := []struct {
		options LogOptions
		want    string
	}{
		{LogOptions{Prefix: "a{b"}, `LogOptions.Prefix "a{b"`},
		{LogOptions{Prefix: "a}"}, `LogOptions.Prefix "a}"`},
		{LogOptions{Age: time.Millisecond}, "Age 1ms"},
		{LogOptions{Age: time.Minute, Window: time.Hour}, "Window 1h0m0s"},
		{LogOptions{Window: time.Second}, "Window 1s is less than Wait"},
		{LogOptions{Age: 2 * time.Second}, "Window 2s is less than Wait"},
		{LogOptions{Wait: -1}, "negative"},
		{LogOptions{Pending: -1}, "Pending -1"},
	}
	for _, test := range tests {
		func() {
			defer func() {
				text, _ := recover().(string)
				if !strings.HasPrefix(text, "redisrooms: ") || !strings.Contains(text, test.want) {
					t.Errorf("compileLog(%+v) panics with %q, want %q", test.options, text, test.want)
				}
			}()
			compileLog(&test.options)
		}()
	}
}
