package brokertest

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms/internal/suite"
)

// testNames: each room gets its own, whatever the name would mean in the network's
// language.
func testNames(t *testing.T, n Network) {
	names := suite.Names()
	a, b := n.Connect(t), n.Connect(t)
	in := make([]inbox, len(names))
	for i, name := range names {
		in[i] = subscribe(t, b, name)
	}
	for i, name := range names {
		publish(t, a, name, fmt.Sprint(i))
	}
	for i, name := range names {
		var own int
		for _, got := range in[i].until(t, "end", marks(a, name)) {
			from, err := strconv.Atoi(got)
			switch {
			case err != nil || from >= len(names):
				t.Errorf("room %.20q received %.80q, want what was published", name, got)
			case from == i:
				own++
			default:
				t.Errorf("rooms cross: what was published to %.20q came to %.20q", names[from], name)
			}
		}
		if own != 1 {
			t.Errorf("room %.20q received its own message %d times, want once", name, own)
		}
	}
}
