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

// Dial makes a server for h and a client for path, and fails the test at once
// when the handshake fails. The client can be closed, and need not be: it is
// dropped when the test ends, and the handler has to return then. As
// testing.TB's FailNow it must be called by the goroutine of the test.
func Dial(tb testing.TB, h http.Handler, path string) *websocket.Conn {
	tb.Helper()
	client, resp, err := NewServer(tb, h).Dial(path, nil)
	if err != nil {
		tb.Fatalf("Dial(%q): %v%s", path, err, describe(resp))
	}
	return client
}

// Dial connects a client to path, which begins with a slash and may have a
// query. Header is sent with the handshake. The Origin is the server's own, as a
// page of the same host has it, unless header has one: an empty one sends none,
// as programs that are no browsers do. A Host in header goes into the request.
//
// When the handler refuses, the error is websocket.ErrBadHandshake, and the
// response says why, with up to 1024 bytes of its body. Otherwise the client
// belongs to the caller; what is not closed is dropped by Server.Close.
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

// withOrigin gives a copy of header, which may be nil, with the Origin that
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

// describe is the part of a refusal that tells the reader of a failed test what
// to mend.
func describe(resp *http.Response) string {
	if resp == nil {
		return ""
	}
	body, _ := io.ReadAll(resp.Body) // gorilla has it in memory
	return fmt.Sprintf(": %s: %s", resp.Status, bytes.TrimSpace(body))
}
