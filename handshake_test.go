package sockets_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// A request may have more than it needs.
func TestAccepted(t *testing.T) {
	server := wstest.NewServer(t, apptest.Messages(apptest.Echo[string]))
	upper := http.Header{"Origin": {"HTTP://" + strings.ToUpper(server.Host)}}
	for _, header := range []http.Header{
		nil,
		{"Connection": {"keep-alive, Upgrade"}},
		{"Connection": {"keep-alive", "upgrade"}},
		{"Upgrade": {"h2c, WebSocket"}},
		{"Sec-WebSocket-Version": {"8, 13"}},
		{"Origin": {"https://" + server.Host}},
	} {
		server.Dial("/ws", header)
	}
	// The scheme is in lower case in every browser's Origin (RFC 6454, 6.2) and
	// in the default pattern.
	if resp := server.Connect().Handshake("/ws", upper); resp.StatusCode != 403 {
		t.Errorf("Handshake(%v) = %s, want 403", upper, resp.Status)
	}
}
