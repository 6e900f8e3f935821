// Package socketstest tests websocket handlers in memory: a gorilla client for
// any http.Handler, a Martini for example, without a port.
//
//	func TestEcho(t *testing.T) {
//		m := martini.New()
//		r := martini.NewRouter()
//		r.Get("/echo", sockets.Messages(), echo)
//		m.Action(r.Handle)
//
//		client := socketstest.Dial(t, m, "/echo")
//		client.WriteMessage(websocket.TextMessage, []byte("hello"))
//		_, got, err := client.ReadMessage()
//		if err != nil || string(got) != "hello" {
//			t.Errorf("ReadMessage() = %q, %v, want hello", got, err)
//		}
//	}
//
// The handler is served by a real http.Server; only the network is made of
// memory. It behaves like TCP: it buffers, it has deadlines, and what a peer
// wrote before it went away can still be read.
//
// # Time
//
// Everything works inside a testing/synctest bubble, where pings, timeouts and
// waits take no time at all: call NewServer or Dial inside the bubble, with the
// bubble's *testing.T.
//
// # Ending a test
//
// At the end of the test the clients are dropped, and every handler has to
// return then: the test fails when one does not. So a test proves, without a
// line of its own, that its handler does not outlive its client.
//
// # Difficult clients
//
//   - One that says goodbye sends a close frame with WriteControl, and reads
//     until there is an error.
//   - One that vanishes, without a close frame, calls Close.
//   - One whose connection is reset gives NetConn a linger of zero before
//     Close, as a *net.TCPConn takes it: client.NetConn().(interface{
//     SetLinger(int) error }).SetLinger(0).
//   - One that stalls does not read. It answers no pings, and with a small
//     Server.Buffer the messages to it soon wait.
//   - One that is no browser has no Origin: Server.Dial takes an empty one.
package socketstest
