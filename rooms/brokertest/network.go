package brokertest

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// Network is what [Run] and [Simulate] need to know of an implementation. Only Connect
// has to be there; what is missing is not tested.
type Network struct {
	// Connect returns a new broker that is connected to the network, as another process
	// would have it.
	Connect func(t *testing.T) rooms.Broker

	// Stop takes the network away and Start brings it back: a server that is killed, and
	// started again at the same address. They may return before the brokers have noticed.
	Stop, Start func(t *testing.T)

	// Subscriptions returns how many subscriptions the network holds for all brokers
	// together.
	Subscriptions func() int

	// Kill ends a broker's process as kill -9 does: from now on nothing goes to or from
	// it.
	Kill func(b rooms.Broker)

	// Break breaks something that r chooses, on the way between some brokers and the
	// rest, and returns what it was and what mends it. Several things may be broken at
	// a time.
	Break func(r *rand.Rand) (what string, mend func())

	// Pace is the longest pause between two steps of Simulate. The default is a second,
	// which is for simulated time.
	Pace time.Duration

	// Slowest is how long a broadcast or a join may take in Simulate, and twice as long
	// as members of the publisher's process may wait for a message. The default is the
	// second of the contract, which is for simulated time: a busy machine can take
	// longer.
	Slowest time.Duration

	// Outages has told called, from now on, when the broker tells its process of an
	// outage by another way than receive. A network without sequence numbers has it:
	// when a process loses its connection, only that process knows, and what it
	// published just before is lost. The process is told when the outage is over,
	// whether or not its rooms still have members then. Nil: losses are told to the
	// subscribers that missed something, before anything that was published later.
	Outages func(b rooms.Broker, told func(err error))
}
