package brokertest

import "time"

// SetPatience shortens the time that the suite waits, for brokers that are known to fail.
func SetPatience(d time.Duration) { patience = d }
