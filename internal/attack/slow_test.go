package attack

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// readSlowly reads n bytes each pause from the network, for d, and returns an error if the
// connection ends.
func readSlowly(conn net.Conn, n int, pause, d time.Duration) error {
	buf := make([]byte, n)
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(pause) {
		conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := conn.Read(buf); err != nil {
			return err
		}
	}
	return nil
}

// Contract 3.4: the network's progress with what waits is a sign of life, also while one
// message is being written that takes longer than PongWait. Linux only.
func TestSlowReaderOfOneMessage(t *testing.T) {
	for i := range 12 {
		each, buffer := []int{10_000, 30_000, 100_000}[i%3], []int{8 << 10, 32 << 10}[i%2]
		t.Run(fmt.Sprintf("%d, buffer %d, %d", each, buffer, i), func(t *testing.T) {
			t.Parallel()
			why := make(chan error, 1)
			s := wstest.NewServer(t, app(&sockets.Options{WriteWait: time.Minute,
				PongWait: 5 * time.Second, MaxSendSize: -1, SocketSendBuffer: buffer},
				func(out chan<- string, errs <-chan error, done <-chan bool) {
					out <- strings.Repeat("a", 64<<20)
					why <- <-errs
					<-done
				}))
			raw := wstest.Over(t, dialTCP(t, s.Host, true), s.Host)
			raw.Upgrade("/", nil)
			err := readSlowly(raw.Conn, each, 100*time.Millisecond, 13*time.Second)
			if err != nil {
				t.Errorf("a client that reads all the time was ended: %v, %v", err, <-why)
			}
			raw.Vanish()
		})
	}
}
