// Package brokertest proves implementations of [rooms.Broker], and has one to test with.
//
// [Run] is the suite. An implementation passes when each of its brokers behaves as one
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
// [Simulate] runs a random history of rooms on the same network, in real time, while it
// breaks what Break and Kill can break. [SeedFlags] runs a test with many seeds:
//
//	var seeds = brokertest.SeedFlags(10)
//
//	func TestHistories(t *testing.T) {
//		seeds.Run(t, func(t *testing.T, seed uint64) {
//			n := network(t) // as above
//			n.Break = breakSomething
//			n.Pace, n.Slowest = 40*time.Millisecond, 10*time.Second
//			brokertest.Simulate(t, seed, n)
//		})
//	}
//
// A failure says which seed it was; -seed runs it again. Goroutines that run at the same
// instant may take another order then, so it may take some runs.
//
// [Sim] is a network of processes in simulated time, for testing/synctest, which parts,
// stalls, loses, delays and duplicates. A broker in its bubble must not hold a mutex
// while it waits for time to pass: whoever waits for the mutex keeps the clock from
// moving.
//
// [Memory] is a network without a network: for the suite, and for tests of programs that
// run on several machines.
package brokertest
