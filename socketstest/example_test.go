package socketstest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/beatrichartz/martini-sockets/socketstest"
)

// greet is the handler under test. A Martini is an http.Handler as well.
var greet = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	conn, err := new(websocket.Upgrader).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	conn.WriteMessage(websocket.TextMessage, []byte("hello "+r.FormValue("name")))
	conn.ReadMessage() // until the client goes
})

func ExampleDial() {
	// in a test file: func TestGreeting(t *testing.T) {
	testGreeting := func(t testing.TB) {
		client := socketstest.Dial(t, greet, "/?name=gopher")
		_, got, err := client.ReadMessage()
		if err != nil || string(got) != "hello gopher" {
			t.Errorf("ReadMessage() = %q, %v, want hello gopher", got, err)
		}
		fmt.Printf("%s\n", got)
		// At the end the client is disconnected, and greet must return.
	}
	fmt.Println("failures:", wstest.Record(testGreeting))
	// Output:
	// hello gopher
	// failures: []
}

func ExampleServer() {
	// in a test file: func TestForeignOrigin(t *testing.T) {
	testForeignOrigin := func(t testing.TB) {
		s := socketstest.NewServer(t, greet)
		_, resp, err := s.Dial("/", http.Header{"Origin": {"https://elsewhere.example"}})
		fmt.Println(err, resp.StatusCode)

		// Programs other than browsers send no Origin.
		client, _, err := s.Dial("/", http.Header{"Origin": {""}})
		if err != nil {
			t.Fatalf("Dial() = %v, want nil", err)
		}
		client.Close()
	}
	fmt.Println("failures:", wstest.Record(testForeignOrigin))
	// Output:
	// websocket: bad handshake 403
	// failures: []
}
