package suite

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// Leaks uses many rooms, and fails the test if goroutines stay, or what receive refers
// to. The implementation, called what, may keep a few of each; one for each room is too
// much. Use subscribes to a room with a receive that calls touch, and unsubscribes.
func Leaks(
	t *testing.T, patience time.Duration, what string, kept int,
	use func(room string, touch func()),
) {
	t.Helper()
	const cycles = 500
	use("warm up", func() {})
	goroutines := runtime.NumGoroutine()
	var freed atomic.Int64
	for i := range cycles {
		payload := new([64]byte)
		runtime.AddCleanup(payload, func(n *atomic.Int64) { n.Add(1) }, &freed)
		use(fmt.Sprint(i), func() { payload[0]++ })
	}
	Eventually(t, patience, "goroutines leak: there is one more for each call",
		func() bool { return runtime.NumGoroutine() < goroutines+kept })
	Eventually(t, patience, "memory leaks: "+what+" holds receive of a room that was left",
		func() bool {
			runtime.GC()
			return freed.Load() > int64(cycles-kept)
		})
}
