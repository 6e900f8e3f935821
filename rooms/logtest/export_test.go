package logtest

import (
	"time"
)

// SetPatience shortens the time that the suite waits, for logs that are known to fail.
func SetPatience(d time.Duration) { patience = d }
