package wstest

import (
	"bufio"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// Wait bounds everything that this package waits for. It is long, because a
// loaded machine is slow, and it passes only when a test fails.
const Wait = 10 * time.Second

// Raw is a websocket client that does nothing by itself: it answers no ping and no
// close frame, and sends whatever it is told to. Each call that reads or writes has a
// deadline, and fails the test where its comment does not say otherwise; so the methods
// are for the goroutine of the test. Other goroutines use Conn, TrySend and NextFrame.
type Raw struct {
	// Conn is the network connection. Do not read from it after Handshake:
	// bytes may wait in the Raw.
	Conn net.Conn

	// Wait is how long one call waits for the network: the constant Wait, or what
	// a test in a bubble sets because the waits that it is about are longer.
	Wait time.Duration

	tb   testing.TB
	host string
	br   *bufio.Reader
}

// Over makes a client on conn, the name of the server in the handshake being
// host. Nothing is sent. Conn is closed at the end of the test.
func Over(tb testing.TB, conn net.Conn, host string) *Raw {
	tb.Cleanup(func() { _ = conn.Close() })
	return &Raw{Conn: conn, Wait: Wait, tb: tb, host: host, br: bufio.NewReader(conn)}
}

// Connect makes a client on a TCP connection to the server at serverURL, as
// Server.URL and httptest.Server.URL have it. Nothing is sent.
func Connect(tb testing.TB, serverURL string) *Raw {
	tb.Helper()
	raw, _ := connect(tb, serverURL)
	return raw
}

// Dial makes a client on a TCP connection and opens it: target is the URL of a
// server with a path, header as Upgrade takes it.
func Dial(tb testing.TB, target string, header http.Header) *Raw {
	tb.Helper()
	raw, u := connect(tb, target)
	raw.Upgrade(u.RequestURI(), header)
	return raw
}

func connect(tb testing.TB, target string) (*Raw, *url.URL) {
	tb.Helper()
	u, err := url.Parse(target)
	if err != nil {
		tb.Fatalf("wstest: %v", err)
	}
	conn, err := net.DialTimeout("tcp", u.Host, Wait)
	if err != nil {
		tb.Fatalf("wstest: %v", err)
	}
	return Over(tb, conn, u.Host), u
}

// Send sends frames in one write.
func (r *Raw) Send(frames ...Frame) {
	r.tb.Helper()
	r.write(Bytes(frames...))
}

// TrySend is Send for frames after which the server may have gone: it gives the
// error and does not fail the test.
func (r *Raw) TrySend(frames ...Frame) error {
	_ = r.Conn.SetWriteDeadline(time.Now().Add(r.Wait))
	_, err := r.Conn.Write(Bytes(frames...))
	return err
}

// SendBytes sends what need not be frames.
func (r *Raw) SendBytes(p []byte) {
	r.tb.Helper()
	r.write(p)
}

func (r *Raw) write(p []byte) {
	r.tb.Helper()
	_ = r.Conn.SetWriteDeadline(time.Now().Add(r.Wait))
	if _, err := r.Conn.Write(p); err != nil {
		r.tb.Fatalf("wstest: %v", err)
	}
}

// Vanish closes the connection without a close frame: the server reads the end,
// and its writes are reset.
func (r *Raw) Vanish() { _ = r.Conn.Close() }

// Reset ends the connection with a reset: the server loses what it has not read.
func (r *Raw) Reset() {
	r.tb.Helper()
	c, ok := r.Conn.(interface{ SetLinger(int) error })
	if !ok {
		r.tb.Fatalf("wstest: a %T cannot be reset", r.Conn)
	}
	if err := c.SetLinger(0); err != nil {
		r.tb.Fatalf("wstest: %v", err)
	}
	_ = r.Conn.Close()
}

// CloseWrite ends what the client sends (FIN); it can still read.
func (r *Raw) CloseWrite() {
	r.tb.Helper()
	c, ok := r.Conn.(interface{ CloseWrite() error })
	if !ok {
		r.tb.Fatalf("wstest: a %T cannot be half closed", r.Conn)
	}
	if err := c.CloseWrite(); err != nil {
		r.tb.Fatalf("wstest: %v", err)
	}
}

func (r *Raw) deadline() { _ = r.Conn.SetReadDeadline(time.Now().Add(r.Wait)) }
