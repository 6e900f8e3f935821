package wstest

import (
	"bufio"
	"net"
	"testing"
	"time"
)

// Wait is the limit of every wait in this package. It is long because a busy
// machine is slow, and it passes only when a test fails.
const Wait = 10 * time.Second

// Raw is a websocket client that does nothing by itself. It answers no ping and
// no close frame, and sends whatever a test gives it.
//
// Each call that reads or writes has a deadline. It fails the test on an error,
// unless its comment says otherwise, so call these methods only in the test's
// goroutine. Other goroutines use Conn, TrySend and NextFrame.
type Raw struct {
	// Conn is the network connection. Do not read from it after Handshake,
	// because the Raw may have buffered bytes.
	Conn net.Conn

	// Wait is how long one call waits for the network. It is the constant Wait,
	// unless a test in a bubble needs longer waits.
	Wait time.Duration

	tb   testing.TB
	host string
	br   *bufio.Reader
}

// Over makes a client on conn. Its handshake names the server host. Over sends
// nothing. Conn is closed at the end of the test.
func Over(tb testing.TB, conn net.Conn, host string) *Raw {
	tb.Cleanup(func() { _ = conn.Close() })
	return &Raw{Conn: conn, Wait: Wait, tb: tb, host: host, br: bufio.NewReader(conn)}
}

// Send sends frames in one write.
func (r *Raw) Send(frames ...Frame) {
	r.tb.Helper()
	r.SendBytes(Bytes(frames...))
}

// TrySend sends frames after which the server may have gone. It returns an
// error instead of failing the test.
func (r *Raw) TrySend(frames ...Frame) error {
	_ = r.Conn.SetWriteDeadline(time.Now().Add(r.Wait))
	_, err := r.Conn.Write(Bytes(frames...))
	return err
}

// SendBytes sends any bytes.
func (r *Raw) SendBytes(p []byte) {
	r.tb.Helper()
	_ = r.Conn.SetWriteDeadline(time.Now().Add(r.Wait))
	_, err := r.Conn.Write(p)
	r.check(err)
}

func (r *Raw) check(err error) {
	r.tb.Helper()
	if err != nil {
		r.tb.Fatalf("wstest: %v", err)
	}
}

// Vanish closes the connection without a close frame. The server reads the end
// of the stream, and its writes are reset.
func (r *Raw) Vanish() { _ = r.Conn.Close() }

// Reset resets the connection: the server loses what it has not read.
func (r *Raw) Reset() {
	r.tb.Helper()
	r.check(r.Conn.(interface{ SetLinger(int) error }).SetLinger(0))
	_ = r.Conn.Close()
}

// CloseWrite ends what the client sends (FIN). It can still read.
func (r *Raw) CloseWrite() {
	r.tb.Helper()
	r.check(r.Conn.(interface{ CloseWrite() error }).CloseWrite())
}

func (r *Raw) deadline() { _ = r.Conn.SetReadDeadline(time.Now().Add(r.Wait)) }
