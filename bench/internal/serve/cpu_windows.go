package serve

import (
	"errors"
	"time"
)

// CPUTime is not measured: Windows counts in ticks of about 16 ms.
func CPUTime() (all, system time.Duration, err error) {
	return 0, 0, errors.New("serve: the bench does not run on Windows")
}
