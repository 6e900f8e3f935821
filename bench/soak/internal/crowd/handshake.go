package crowd

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
)

// request is a handshake without its last line.
func (l *life) request(method, origin, version string) string {
	address := l.target.Address(l.secure)
	if origin == "" {
		origin = "http://" + address
	}
	return method + " " + target.Text + " HTTP/1.1\r\nHost: " + address + "\r\nOrigin: " + origin +
		"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: " + version +
		"\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
}

// unfinishedHandshake sends a part of a request, and leaves, or waits for the server to
// end, but no longer than a client may do nothing.
func unfinishedHandshake(l *life) error {
	c, err := l.dialNet()
	if err != nil {
		return err
	}
	request := l.request("GET", "", "13")
	if _, err := io.WriteString(c, request[:l.rand.IntN(len(request))]); err != nil {
		_ = tcp(c).Close()
		return l.handshakeFailed(err)
	}
	switch l.rand.IntN(3) {
	case 0:
		resetTCP(c)
		return nil
	case 1:
		return tcp(c).Close()
	}
	defer tcp(c).Close()
	_ = c.SetReadDeadline(time.Now().Add(l.Stall))
	_, _ = io.Copy(io.Discard, c)
	return nil
}

// refusedHandshake asks for what must be refused, and wants the status that says why.
func refusedHandshake(l *life) error {
	bad := []struct {
		method, origin, version string
		status                  int
	}{
		{"GET", "http://elsewhere.example", "13", http.StatusForbidden},
		{"POST", "", "13", http.StatusMethodNotAllowed},
		{"GET", "", "12", http.StatusBadRequest},
	}[l.rand.IntN(3)]
	c, err := l.dialNet()
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = io.WriteString(c, l.request(bad.method, bad.origin, bad.version)+"\r\n")
	if err != nil {
		return l.handshakeFailed(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return l.handshakeFailed(fmt.Errorf("%+v: %w", bad, err))
	}
	defer response.Body.Close()
	if response.StatusCode != bad.status {
		return fmt.Errorf("%+v: status %d", bad, response.StatusCode)
	}
	return nil
}

// noTLS sends to a TLS port what is no TLS.
func noTLS(l *life) error {
	c, err := net.DialTimeout("tcp", l.target.Address(true), l.Patience)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := io.WriteString(c, strings.Repeat("no TLS", 1+l.rand.IntN(100))); err != nil {
		return nil // the server has seen enough
	}
	return l.drain(c)
}
