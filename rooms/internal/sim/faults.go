package sim

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Break gives some processes, drawn from r, conditions that are drawn as well. It returns
// what it did, and a function that makes their network good again.
func (s *Network) Break(r *rand.Rand) (what string, mend func()) {
	c := drawConditions(r)
	var hit []*Process
	for _, p := range s.living() {
		if r.IntN(3) == 0 {
			p.SetConditions(c)
			hit = append(hit, p)
			what = fmt.Sprint(what, " ", p.id)
		}
	}
	return fmt.Sprintf("%+v for processes%s", c, what), func() {
		for _, p := range hit {
			p.SetConditions(Conditions{})
		}
	}
}

func drawConditions(r *rand.Rand) (c Conditions) {
	switch r.IntN(6) {
	case 0:
		c.Stalled = true
	case 1:
		c.Loss = r.Float64() / 2
	case 2:
		c.Duplicate = r.Float64()
	case 3:
		c.Delay = time.Duration(1 + r.Int64N(int64(2*time.Second)))
	default:
		c.Island = 1 + r.IntN(2)
	}
	return c
}

// Subscriptions returns how many the living processes have.
func (s *Network) Subscriptions() (n int) {
	for _, p := range s.living() {
		n += len(p.broker.subscribed())
	}
	return n
}
