// Package logtest tests implementations of [rooms.Log]. [Run] is the suite:
//
//	func TestLog(t *testing.T) {
//		logtest.Run(t, func(t *testing.T) logtest.Store {
//			server := startServer(t)
//			return logtest.Store{
//				Connect: func(t *testing.T) rooms.Log { return mylog.New(server.Addr) },
//				Count:   mylog.DefaultCount,
//				Stop:    server.Stop,
//				Start:   server.Start,
//				Lose:    server.Wipe,
//			}
//		})
//	}
package logtest
