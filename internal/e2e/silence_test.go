package e2e

import (
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// Contract 3.4: a client that reads slowly, but without a pause, stays, though its ping
// waits behind what it has not read yet.
func TestSlowReaderStays(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("this system does not tell what waits in a socket's buffer")
	}
	t.Parallel()
	const n, size, pongWait = 40, 60_000, 5 * time.Second
	sent := make(chan bool, 1)
	server := wstest.NewServer(t, apptest.Messages(func(sender chan<- string, done <-chan bool,
		errs <-chan error) {
		for range n {
			sender <- string(make([]byte, size))
		}
		sent <- true
		if err := <-errs; err != nil {
			t.Errorf("the connection ended with %v", err)
		}
		<-done
	}, func(o *sockets.Options) { o.PongWait = pongWait }))
	conn, err := net.Dial("tcp", server.Host)
	if err != nil {
		t.Fatal(err)
	}
	conn.(*net.TCPConn).SetReadBuffer(16 << 10)
	client := wstest.Over(t, conn, server.Host)
	client.Upgrade("/ws", nil)
	apptest.Next(t, "sent", sent)
	begin, got := time.Now(), 0
	for got < n {
		f := client.ReadFrame()
		switch {
		case f.Opcode == wstest.OpPing:
			client.Send(wstest.Pong(string(f.Payload)))
		case len(f.Payload) == size:
			got++
			time.Sleep(3 * pongWait / 2 / n) // so that all takes longer than PongWait
		default:
			t.Fatalf("after %d messages %v", got, f)
		}
	}
	if took := time.Since(begin); took < pongWait {
		t.Fatalf("all was read in %v, which proves nothing", took)
	}
	client.Send(wstest.Close(1000, ""))
	client.ReadClose()
}
