package brokertest

import "time"

// Conditions say how well a process is connected to all others. The zero value is a good
// network: everything arrives, once, in order, after about a millisecond. Where two
// processes have different conditions, what goes from one to the other suffers both.
type Conditions struct {
	// Island parts the network: what is sent from one island to another is lost.
	Island int
	// Stalled holds up what goes to and from the process. It is not lost: it arrives when
	// the stall ends.
	Stalled bool
	// Loss is the probability with which something is lost, from 0 to 1.
	Loss float64
	// Duplicate is the probability with which something arrives twice, from 0 to 1.
	Duplicate float64
	// Delay is how much longer something may take. What is delayed more is overtaken.
	Delay time.Duration
}

// between returns the conditions on the way from one process to another.
func between(from, to Conditions) Conditions {
	c := Conditions{
		Stalled:   from.Stalled || to.Stalled,
		Loss:      max(from.Loss, to.Loss),
		Duplicate: max(from.Duplicate, to.Duplicate),
		Delay:     max(from.Delay, to.Delay),
	}
	if from.Island != to.Island {
		c.Loss = 1
	}
	return c
}
