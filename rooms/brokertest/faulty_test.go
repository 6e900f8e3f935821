package brokertest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/rerun"
)

// Contract 10.6: the suite fails each faulty broker, with a message that names the fault.
// The suite runs in a process of its own, since its failure would be this test's.
func TestFaulty(t *testing.T) {
	if name := rerun.Name(); name != "" {
		runFaulty(t, name)
		return
	}
	for _, test := range faultyBrokers {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			run := "^TestFaulty$"
			if test.suite != "" { // one of its tests will do
				run += "/^" + strings.ReplaceAll(test.suite, " ", "_") + "$"
			}
			rerun.Want(t, test.name, run, test.want)
		})
	}
}

// runFaulty runs the suite on a broker of the table, in the second process. What is slow
// on a busy machine may fail there: that is a failure more.
func runFaulty(t *testing.T, name string) {
	brokertest.SetPatience(time.Second)
	for _, test := range faultyBrokers {
		if test.name != name {
			continue
		}
		brokertest.Run(t, func(t *testing.T) brokertest.Network {
			var network brokertest.Memory
			n := brokertest.Network{
				Connect:       func(*testing.T) rooms.Broker { return test.broker(network.Broker()) },
				Stop:          func(*testing.T) { network.Stop() },
				Start:         func(*testing.T) { network.Start() },
				Subscriptions: network.Subscriptions,
			}
			if test.network != nil {
				test.network(&network, &n)
			}
			return n
		})
	}
}
