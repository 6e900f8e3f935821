package attack

import (
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// readSlowly reads n bytes each 100 ms from the network, for d, and returns an error if
// the connection ends. On a busy machine it catches up.
func readSlowly(conn net.Conn, n int, d time.Duration) error {
	const pause = 100 * time.Millisecond
	buf := make([]byte, n)
	begin, got := time.Now(), 0
	for ; time.Since(begin) < d; time.Sleep(pause) {
		conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		for due := n * int(1+time.Since(begin)/pause); got < due; {
			k, err := conn.Read(buf[:min(n, due-got)])
			if err != nil {
				return err
			}
			got += k
		}
	}
	return nil
}

// dialSlow dials with the segments of an Ethernet and a small receive buffer. The loopback's
// own segments of 64 KiB would be larger than that buffer, and the kernel would stall for
// seconds before it cuts one.
func dialSlow(t *testing.T, host string) *wstest.Raw {
	t.Helper()
	d := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) {
			syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, 1460)
			syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 8<<10)
		})
	}}
	conn, err := d.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	return wstest.Over(t, conn, host)
}

// Contract 3.4: the network's progress with what waits is a sign of life, also while one
// message is being written that takes longer than PongWait.
func TestSlowReaderOfOneMessage(t *testing.T) {
	t.Parallel()
	for i := range 4 {
		each, buffer := []int{30_000, 100_000}[i%2], []int{8 << 10, 32 << 10}[i/2]
		t.Run(fmt.Sprintf("%d, buffer %d", each, buffer), func(t *testing.T) {
			t.Parallel()
			why := make(chan error, 1)
			s := wstest.NewServer(t, app(&sockets.Options{WriteWait: time.Minute,
				PongWait: 10 * time.Second, MaxSendSize: -1, SocketSendBuffer: buffer},
				func(out chan<- string, errs <-chan error, done <-chan bool) {
					out <- strings.Repeat("a", 32<<20)
					why <- <-errs
					<-done
				}))
			raw := dialSlow(t, s.Host)
			raw.Upgrade("/", nil)
			err := readSlowly(raw.Conn, each, 13*time.Second)
			if err != nil {
				t.Errorf("a client that reads all the time was ended: %v, %v", err, <-why)
			}
			raw.Vanish()
		})
	}
}
