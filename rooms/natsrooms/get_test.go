package natsrooms

import (
	"testing"
	"time"
)

// Contract 11.5: a replica that hangs delays a read, and does not make it fail. Of three
// replicas, chance would have to choose it nine times in five seconds.
func TestBatchWait(t *testing.T) {
	var begins, longest time.Duration
	tries := 0
	for begins < 5*time.Second {
		longest = max(longest, batchWait(tries))
		begins += batchWait(tries)
		tries++
	}
	if tries < 9 || longest < time.Second {
		t.Errorf("%d tries in 5s, the longest for %v, want 9, and one for over a second",
			tries, longest)
	}
}
