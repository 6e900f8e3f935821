// Package brokertest tests implementations of [rooms.Broker]. It also has brokers in
// memory, for tests of programs.
//
// [Run] is the suite. An implementation passes if each of its brokers behaves as one
// process's end of a network:
//
//	func TestBroker(t *testing.T) {
//		brokertest.Run(t, func(t *testing.T) brokertest.Network {
//			server := startServer(t)
//			return brokertest.Network{
//				Connect: func(t *testing.T) rooms.Broker { return mybroker.New(server.Addr) },
//				Stop:    server.Stop,
//				Start:   server.Start,
//			}
//		})
//	}
//
// A broker may block in Publish while its network takes no bytes, or give up by itself
// and return an error: rooms never wait for it for longer than a second. On a good
// network, and on one that is stopped, the suite fails a method that does not return in
// time.
//
// [Memory] is a network in memory, for tests of programs that run on several machines.
package brokertest
