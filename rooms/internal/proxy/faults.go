package proxy

import (
	"math/rand/v2"
	"time"
)

// Break breaks some proxies in one way, which r chooses. It says which, and returns what
// mends them.
func Break(r *rand.Rand, proxies []*Proxy) (what string, mend func()) {
	kind := faults[r.IntN(len(faults))]
	for _, p := range proxies {
		kind.begin(p)
	}
	return kind.name, func() {
		for _, p := range proxies {
			kind.end(p)
		}
	}
}

// faults are what can break between two.
var faults = []struct {
	name       string
	begin, end func(p *Proxy)
}{
	{name: "stall", begin: (*Proxy).Stall, end: (*Proxy).GoOn},
	{name: "cut", begin: (*Proxy).Cut, end: func(*Proxy) {}},
	{
		name:  "refuse",
		begin: func(p *Proxy) { p.Refuse(true) },
		end:   func(p *Proxy) { p.Refuse(false) },
	},
	{
		name:  "delay",
		begin: func(p *Proxy) { p.Slow(20 * time.Millisecond) },
		end:   func(p *Proxy) { p.Slow(0) },
	},
	{
		// The rest of a connection whose bytes were lost is of no use.
		name:  "partition",
		begin: func(p *Proxy) { p.Partition(true) },
		end: func(p *Proxy) {
			p.Partition(false)
			p.Cut()
		},
	},
}
