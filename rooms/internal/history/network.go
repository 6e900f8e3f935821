package history

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/goroutines"
)

// Network is where a history of rooms or of a presence on brokers happens. Connect, Pace
// and Slowest are required.
type Network struct {
	// Connect returns a new broker on the network, like that of another process. Kill ends
	// it as kill -9 does: it sends and receives nothing more. For told see Outages.
	Connect func(t *testing.T, told func(err error)) (b rooms.Broker, kill func())

	// Subscriptions returns the number of subscriptions of all brokers on the network.
	Subscriptions func() int

	// Kills means that processes are killed.
	Kills bool

	// Break breaks something that r chooses, between some brokers and the rest. It
	// returns a description, and a function that repairs it. Several things may be
	// broken at once.
	Break func(r *rand.Rand) (what string, mend func())

	// Pace is the longest pause between two steps.
	Pace time.Duration

	// Slowest is how long a broadcast or a join may take. Members of the publisher's
	// process must get a message within half of it. A busy machine can take longer than
	// the contract says.
	Slowest time.Duration

	// Outages means that a broker calls told after each outage. Set it if the network has
	// no sequence numbers. Then only the process that loses its connection knows that
	// messages it published just before may be lost. So its broker reports the outage
	// when it is over, even if no room has members any more. Without Outages, every loss
	// must be reported to the subscribers that missed something, before they get any
	// message published later.
	Outages bool

	// Lossy means that the brokers lose messages now and then without a word. Then
	// [rooms.ErrMissed] has to tell it, of each process that was heard before. Otherwise the
	// broker's own word counts, and that one is not enough.
	Lossy bool

	// Shared means that other tests run in this process at the same time. Then goroutines
	// that are left are looked for after all of them: see goroutines.Main.
	Shared bool
}

// left says what is left when all have ended, "" if nothing is.
func (n Network) left() string {
	if running := goroutines.Count(); running > 0 && !n.Shared {
		return fmt.Sprintf("%d goroutines of rooms", running)
	}
	return n.unsubscribed(0)
}

// unsubscribed compares the number of subscriptions with what it should be.
func (n Network) unsubscribed(want int) string {
	if n.Subscriptions != nil {
		if got := n.Subscriptions(); got != want {
			return fmt.Sprintf("%d subscriptions, want %d", got, want)
		}
	}
	return ""
}

// real reports whether the network has servers, and real time.
func (n Network) real() bool { return n.Pace < time.Second }

// undue returns a fault, the first, if a process was told an error. It is called when
// nothing was broken, with the errors of each process. But a machine that stands still
// breaks a real network; then nothing is a fault.
func (n Network) undue(told map[int][]error) (reason string) {
	for _, id := range slices.Sorted(maps.Keys(told)) {
		for _, err := range told[id] {
			if n.real() && errors.Is(err, rooms.ErrSlowBroker) {
				return ""
			}
			reason = cmp.Or(reason,
				fmt.Sprintf("process %d was told %v; nothing was broken", id, err))
		}
	}
	return reason
}

// tellsAll reports whether the broker itself has to tell each loss.
func (n Network) tellsAll() bool { return !n.Outages && !n.Lossy }
