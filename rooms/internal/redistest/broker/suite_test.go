//go:build linux

package broker_test

import (
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
)

// Contract 10.12: the suite on a server that is killed and started again, and on one
// that stands still and goes on, whose connections live.
func TestSuite(t *testing.T) {
	tests := []struct {
		name        string
		stop, start func(s *redistest.Server, t *testing.T)
	}{
		{
			name:  "killed",
			stop:  func(s *redistest.Server, _ *testing.T) { s.Kill() },
			start: func(s *redistest.Server, t *testing.T) { s.Start(t) },
		},
		{
			name:  "paused",
			stop:  func(s *redistest.Server, _ *testing.T) { s.Pause() },
			start: func(s *redistest.Server, _ *testing.T) { s.Resume() },
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			brokertest.Run(t, func(t *testing.T) brokertest.Network {
				s := redistest.NewServer(t)
				admin := s.Connect(t)
				return brokertest.Network{
					Connect:       func(t *testing.T) rooms.Broker { return newBroker(t, s) },
					Stop:          func(t *testing.T) { test.stop(s, t) },
					Start:         func(t *testing.T) { test.start(s, t) },
					Subscriptions: func() int { return redistest.Subscriptions(t, admin, "rooms:b:*") },
				}
			})
		})
	}
}
