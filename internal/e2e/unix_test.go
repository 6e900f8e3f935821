//go:build unix

package e2e

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
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
	t.Parallel()
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

// Contract 6: SocketSendBuffer bounds the socket's send buffer, also below TLS.
func TestSocketSendBuffer(t *testing.T) {
	const size = 20 << 10
	for _, secure := range []bool{false, true} {
		buffers := make(chan int, 1)
		var accepted net.Conn
		h := apptest.Messages(func() {
			if layer, ok := accepted.(*tls.Conn); ok {
				accepted = layer.NetConn()
			}
			raw, err := accepted.(*net.TCPConn).SyscallConn()
			if err != nil {
				t.Error(err)
			}
			raw.Control(func(fd uintptr) {
				n, _ := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF)
				buffers <- n
			})
		}, func(o *sockets.Options) { o.SocketSendBuffer = size })
		server := httptest.NewUnstartedServer(h)
		server.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
			accepted = c
			return ctx
		}
		scheme, start := "ws", server.Start
		if secure {
			scheme, start = "wss", server.StartTLS
		}
		start()
		defer server.Close()
		dialer := websocket.Dialer{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
		host := server.Listener.Addr().String()
		client, _, err := dialer.Dial(scheme+"://"+host+"/ws",
			http.Header{"Origin": {server.URL}})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		// Linux doubles what it is given.
		if got := apptest.Next(t, "size", buffers); got != size && got != 2*size {
			t.Errorf("%s: the send buffer has %d bytes, want %d", scheme, got, size)
		}
	}
}
