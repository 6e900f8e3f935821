// Package brokertest proves implementations of [rooms.Broker], and has one to test with.
//
// [Run] is the suite. An implementation passes when each of its brokers behaves as one process's end of a network:
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
// [Sim] is a network of processes in simulated time, which parts, stalls, loses, delays and
// duplicates, all drawn from a seed; [SeedFlags] runs a test with many of them.
//
// [Memory] is a network without a network: for the suite, and for tests of programs that run on several machines.
package brokertest
