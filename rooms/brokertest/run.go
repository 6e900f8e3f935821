package brokertest

import (
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// Run runs the suite, each test as a subtest on a network of its own. open makes the
// network, and should end everything that it starts in t.Cleanup. If a method of the
// broker panics or does not return, its test fails, and the others go on.
func Run(t *testing.T, open func(t *testing.T) Network) {
	tests := []struct {
		name   string
		outage bool
		run    func(t *testing.T, n Network)
	}{
		{name: "bytes arrive unchanged", run: testBytes},
		{name: "bytes are not shared", run: testOwnership},
		{name: "too large is an error", run: testSize},
		{name: "one publisher's order", run: testOrder},
		{name: "any string is a room", run: testNames},
		{name: "hears at once", run: testHearsAtOnce},
		{name: "unsubscribe", run: testUnsubscribe},
		{name: "subscribe twice", run: testSubscribeTwice},
		{name: "ends subscribed", run: testChurn},
		{name: "called from receive", run: testReentrance},
		{name: "a slow receiver", run: testSlow},
		{name: "nothing leaks", run: testLeaks},
		{name: "outage", outage: true, run: testOutage},
		{name: "subscribe during an outage", outage: true, run: testSubscribeAway},
		{name: "late comers miss nothing", run: testRoomsLateComers},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := open(t)
			if test.outage && (n.Stop == nil || n.Start == nil) {
				t.Skip("the network cannot be stopped")
			}
			connect := n.Connect
			n.Connect = func(t *testing.T) rooms.Broker { return guardBroker(t, connect(t)) }
			test.run(t, n)
		})
	}
}
