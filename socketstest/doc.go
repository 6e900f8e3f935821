// Package socketstest tests websocket handlers in memory. It gives a test a
// gorilla client for any http.Handler, a Martini for example, without a port.
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
// A real http.Server serves the handler; only the network is in memory. The
// network behaves like TCP: it buffers, it has deadlines, and what a peer wrote
// before it closed can still be read.
//
// # Time
//
// Everything works inside a testing/synctest bubble, where pings, timeouts and
// waits take no real time. Call NewServer or Dial inside the bubble, with the
// bubble's *testing.T.
//
// # Ending a test
//
// At the end of a test its clients are disconnected, and every handler must
// return. If a handler does not, the test fails. So every test proves that its
// handler does not outlive its client.
//
// # Difficult clients
//
//   - To say goodbye, send a close frame with WriteControl and read until there
//     is an error.
//   - To vanish without a close frame, call Close.
//   - To reset the connection, call the SetLinger(0) of client.NetConn() before
//     Close. It has this method, as a *net.TCPConn does.
//   - To stall, do not read. Such a client answers no pings, and with a small
//     Server.Buffer messages to it soon wait.
//   - To act as a program that is no browser, pass Server.Dial an empty Origin.
package socketstest
