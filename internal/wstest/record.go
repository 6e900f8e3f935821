package wstest

import (
	"fmt"
	"runtime"
	"testing"
)

// Record runs f like a test, including its cleanups, with a testing.TB that
// records failures, and returns their messages. Use it to test helpers that
// fail tests, and in examples, which have no testing.TB. The testing.TB only
// supports Helper, Name, Cleanup, Error and Fatal, in one goroutine.
func Record(f func(tb testing.TB)) (failures []string) {
	r := &recorder{}
	r.run(func() { f(r) })
	for n := len(r.cleanups); n > 0; n = len(r.cleanups) {
		cleanup := r.cleanups[n-1]
		r.cleanups = r.cleanups[:n-1]
		r.run(cleanup)
	}
	return r.failures
}

type recorder struct {
	testing.TB // nil, so methods not overridden panic

	failures []string
	cleanups []func()
}

// run runs f in a goroutine, which FailNow can end, and waits for it.
func (r *recorder) run(f func()) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f()
	}()
	<-ended
}

func (r *recorder) Helper()                      {}
func (r *recorder) Name() string                 { return "Record" }
func (r *recorder) Cleanup(f func())             { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Error(args ...any)            { r.fail(fmt.Sprint(args...)) }
func (r *recorder) Errorf(f string, args ...any) { r.fail(fmt.Sprintf(f, args...)) }
func (r *recorder) fail(message string)          { r.failures = append(r.failures, message) }
func (r *recorder) Fatal(args ...any)            { r.Error(args...); runtime.Goexit() }
func (r *recorder) Fatalf(f string, args ...any) { r.Errorf(f, args...); runtime.Goexit() }
