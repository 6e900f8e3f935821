package socketstest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

const handshakeTimeout = 10 * time.Second

// Dial makes a server for h and connects a client to path. It fails the test at
// once if the handshake fails. You may close the client. Otherwise it is
// disconnected at the end of the test; the handler must return then. Like
// FailNow of testing.TB, Dial must be called in the test's goroutine.
func Dial(tb testing.TB, h http.Handler, path string) *websocket.Conn {
	tb.Helper()
	client, resp, err := NewServer(tb, h).Dial(path, nil)
	if err != nil {
		tb.Fatalf("Dial(%q): %v%s", path, err, describe(resp))
	}
	return client
}

// Dial connects a client to path, which starts with a slash and may have a query.
// header is sent with the handshake. The Origin is the server's own, like that of
// a page from the same host, unless header has one. An empty Origin sends none, as
// programs other than browsers do. A Host in header becomes the request's Host.
//
// If the handler refuses, the error is websocket.ErrBadHandshake, and the
// response says why, with up to 1024 bytes of its body. Otherwise the client
// belongs to the caller. Server.Close disconnects it if it is still open.
func (s *Server) Dial(
	path string, header http.Header,
) (*websocket.Conn, *http.Response, error) {
	if !strings.HasPrefix(path, "/") {
		return nil, nil,
			fmt.Errorf("socketstest: the path %q does not begin with a slash", path)
	}
	d := s.Dialer
	d.Proxy = nil
	d.NetDial, d.NetDialContext, d.NetDialTLSContext = nil, s.DialContext, nil
	if d.HandshakeTimeout == 0 {
		d.HandshakeTimeout = handshakeTimeout
	}
	return d.Dial("ws://"+host+path, withOrigin(header))
}

// withOrigin returns a copy of header, which may be nil, with the Origin that
// Dial promises.
func withOrigin(header http.Header) http.Header {
	header = header.Clone()
	if header == nil {
		header = http.Header{}
	}
	switch origin, given := header["Origin"]; {
	case !given:
		header.Set("Origin", "http://"+host)
	case len(origin) == 0 || origin[0] == "":
		header.Del("Origin")
	}
	return header
}

// describe returns the part of a refusal that helps the reader of a failed test.
func describe(resp *http.Response) string {
	if resp == nil {
		return ""
	}
	body, _ := io.ReadAll(resp.Body) // gorilla has it in memory
	return fmt.Sprintf(": %s: %s", resp.Status, bytes.TrimSpace(body))
}
