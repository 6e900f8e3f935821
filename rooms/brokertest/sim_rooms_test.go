package brokertest_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
	"github.com/beatrichartz/martini-sockets/rooms/internal/sim"
)

var seeds = history.SeedFlags(200, 1)

// Contract 13.2, for sections 9 and 10: random histories on the simulated network.
func TestSimulate(t *testing.T) {
	t.Parallel()
	seeds.Run(t, func(t *testing.T, seed uint64) {
		synctest.Test(t, func(t *testing.T) {
			n := history.OnSim(sim.New(t, seed))
			switch seed % 4 {
			case 0: // nothing breaks, and so nothing may be missed or told
				n.Break, n.Kills = nil, false
			case 1: // contract 10.8: the numbers tell each loss, the last ones included
				n.Break, n.Kills, n.Lossy = nil, false, true
				spoil(&n, loseInBursts)
			}
			history.Broadcasts(t, seed, n)
		})
	})
}

// spoil gives all brokers of a network a fault.
func spoil(n *history.Network, fault func(rooms.Broker) rooms.Broker) {
	connect := n.Connect
	n.Connect = func(t *testing.T, told func(error)) (rooms.Broker, func()) {
		b, kill := connect(t, told)
		return fault(b), kill
	}
}

// loseInBursts loses each third message that comes within a second after another in its
// room.
func loseInBursts(right rooms.Broker) rooms.Broker {
	var mu sync.Mutex
	last, count := make(map[string]time.Time), 0
	return &broker{Broker: right, publish: func(room string, data []byte) error {
		mu.Lock()
		inBurst := time.Since(last[room]) < time.Second
		last[room] = time.Now()
		count++
		lost := inBurst && count%3 == 0
		mu.Unlock()
		if lost {
			return nil
		}
		return right.Publish(room, data)
	}}
}
