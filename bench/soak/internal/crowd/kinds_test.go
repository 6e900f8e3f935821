package crowd

import (
	"math/rand/v2"
	"testing"
)

// Each kind comes, about as often as its share says.
func TestPick(t *testing.T) {
	const each = 1000
	shares, got := 0, make(map[string]int)
	for _, k := range kinds {
		shares += k.share
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range shares * each {
		got[new(Crowd).pick(r).name]++
	}
	for _, k := range kinds {
		if n, want := got[k.name], k.share*each; n < want*8/10 || n > want*12/10 {
			t.Errorf("%s comes %d times, want about %d", k.name, n, want)
		}
	}
}
