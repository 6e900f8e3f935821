package natsbroker_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
	"github.com/beatrichartz/martini-sockets/rooms/natsbroker"
)

// natsServer is an embedded server that can be killed, and started again on the port that it had.
type natsServer struct {
	options server.Options
	running *server.Server
}

func startNATS(t *testing.T) *natsServer {
	s := &natsServer{options: server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true}}
	s.Start(t)
	t.Cleanup(func() { s.Stop(t) })
	return s
}

func (s *natsServer) Start(t *testing.T) {
	t.Helper()
	options := s.options
	running, err := server.NewServer(&options)
	if err != nil {
		t.Fatalf("server.NewServer = %v, want no error", err)
	}
	running.Start()
	if !running.ReadyForConnections(10 * time.Second) {
		t.Fatal("the NATS server is not ready after 10 s")
	}
	s.running = running
	s.options.Port = options.Port // what it got, if it had been random
}

func (s *natsServer) Stop(*testing.T) {
	s.running.Shutdown()
	s.running.WaitForShutdown()
}

// connect makes a connection with the options that the package recommends, but impatient and silent, and closes it after
// the test.
func (s *natsServer) connect(t *testing.T, options ...nats.Option) *nats.Conn {
	t.Helper()
	quick := []nats.Option{natsbroker.Recommended, nats.ReconnectWait(20 * time.Millisecond), nats.ReconnectJitter(0, 0)}
	silent := nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})
	nc, err := nats.Connect(s.running.ClientURL(), append(append(quick, silent), options...)...)
	if err != nil {
		t.Fatalf("nats.Connect = %v, want no error", err)
	}
	t.Cleanup(nc.Close)
	return nc
}

func (s *natsServer) broker(t *testing.T, options ...nats.Option) *natsbroker.Broker {
	b := natsbroker.New(s.connect(t, options...), nil)
	t.Cleanup(b.Close)
	return b
}

// Contract 10.2, 10.6: the suite on connections as recommended, and on nats.go's defaults, which echo and keep for later.
func TestSuite(t *testing.T) {
	tests := []struct {
		name    string
		options []nats.Option
	}{
		{name: "recommended"},
		{name: "nats.go's defaults", options: []nats.Option{
			func(o *nats.Options) error {
				o.NoEcho, o.ReconnectBufSize = false, nats.DefaultReconnectBufSize
				return nil
			},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			brokertest.Run(t, func(t *testing.T) brokertest.Network {
				s := startNATS(t)
				return brokertest.Network{
					Connect: func(t *testing.T) rooms.Broker { return s.broker(t, test.options...) },
					Stop:    s.Stop,
					Start:   s.Start,
				}
			})
		})
	}
}
