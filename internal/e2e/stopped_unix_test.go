//go:build unix

package e2e

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/gorilla/websocket"
)

// Contract 3.4: a process that is stopped for longer than PongWait drops nobody when it
// goes on.
func TestStoppedProcess(t *testing.T) {
	const pongWait = 5 * time.Second // so that the time to answer is a second
	if address := os.Getenv("SOCKETS_STOPPED"); address != "" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("listening", l.Addr())
		http.Serve(l, apptest.Messages(apptest.Echo[string], func(o *sockets.Options) {
			o.PongWait = pongWait
		}))
		return
	}
	server := exec.Command(os.Args[0], "-test.run=^TestStoppedProcess$")
	server.Env = append(os.Environ(), "SOCKETS_STOPPED=yes")
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer server.Wait()
	defer server.Process.Kill()
	var address string
	for s := bufio.NewScanner(out); address == "" && s.Scan(); {
		fmt.Sscanf(s.Text(), "listening %s", &address)
	}
	var clients []*websocket.Conn
	ends := make(chan error, 10)
	for range 10 {
		client, _, err := websocket.DefaultDialer.Dial("ws://"+address+"/ws",
			http.Header{"Origin": {"http://" + address}})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		clients = append(clients, client)
		go func() { // answers pings, until the end
			_, _, err := client.ReadMessage()
			ends <- err
		}()
	}
	server.Process.Signal(syscall.SIGSTOP)
	time.Sleep(pongWait + time.Second)
	server.Process.Signal(syscall.SIGCONT)
	select {
	case err := <-ends:
		t.Fatalf("after the stop a client got %v, want nothing", err)
	case <-time.After(2 * time.Second):
	}
	for _, client := range clients {
		client.WriteMessage(websocket.TextMessage, []byte("alive"))
		if err := apptest.Next(t, "answer", ends); err != nil {
			t.Errorf("the answer is %v, want none", err)
		}
	}
}
