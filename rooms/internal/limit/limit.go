// Package limit fills in the limits of options.
package limit

import (
	"math"
	"time"
)

// Off is the value of a limit that is off.
const Off = math.MaxInt

// Of returns the default for zero, and the highest number for a limit that is off.
func Of[N int | time.Duration](given, otherwise N) N {
	switch {
	case given == 0:
		return otherwise
	case given < 0:
		return N(Off)
	}
	return given
}
