package brokertest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
)

var seeds = history.SeedFlags(200, 1)

// TestSimRooms shows how a program's own simulation looks: rooms on two processes, which
// lose each other and find each other again.
func TestSimRooms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := brokertest.NewSim(t, 1)
		a, b := sim.Start(), sim.Start()
		told := 0
		here := rooms.New(&rooms.Options[string]{Broker: a.Broker()})
		there := rooms.New(&rooms.Options[string]{
			Broker:  b.Broker(),
			OnError: func(string, error) { told++ },
		})
		bob := make(chan string, 10)
		member, err := there.Join("lobby", bob, nil, "bob")
		if err != nil {
			t.Fatalf("Join = %v, want no error", err)
		}
		defer member.Leave()

		b.SetConditions(brokertest.Conditions{Island: 1})
		here.Broadcast("lobby", "lost")
		time.Sleep(10 * time.Second)
		sim.Heal()
		time.Sleep(10 * time.Second)
		here.Broadcast("lobby", "hello")
		if got := <-bob; got != "hello" || told == 0 {
			t.Errorf("bob got %q, told %d times, want %q and to be told", got, told, "hello")
		}
	})
}
