package sim

import "time"

// Conditions describes how well a process is connected to all others. The zero value is
// a good network: every message arrives once, in order, after about a millisecond. A
// message between two processes is subject to the conditions of both.
type Conditions struct {
	// Island splits the network: messages from one island to another are lost.
	Island int
	// Stalled delays messages to and from the process: they arrive when the stall ends.
	Stalled bool
	// Loss is the probability that a message is lost, from 0 to 1.
	Loss float64
	// Duplicate is the probability that a message arrives twice, from 0 to 1.
	Duplicate float64
	// Delay is the longest extra time of a message. So messages may arrive out of order.
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
