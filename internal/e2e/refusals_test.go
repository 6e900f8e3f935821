package e2e

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// Contract 1.1 to 1.3: the refusals as a client reads them over a real network.
func TestRefusalsOverTCP(t *testing.T) {
	server := wstest.NewServer(t, apptest.App(apptest.Text(apptest.Silent())))
	for _, test := range []struct {
		name   string
		header http.Header
		want   string
	}{
		{"HEAD", http.Header{":method": {"HEAD"}},
			"405 Method Not Allowed, Allow [GET], version []"},
		{"another origin", http.Header{"Origin": {"http://evil.com"}},
			"403 Forbidden, Allow [], version []"},
		{"two origins",
			http.Header{"Origin": {"http://" + server.Host, "http://evil.com"}},
			"403 Forbidden, Allow [], version []"},
		{"version 8", http.Header{"Sec-WebSocket-Version": {"8"}},
			"400 Bad Request, Allow [], version [13]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			resp := server.Connect().Handshake("/ws", test.header)

			got := fmt.Sprintf("%s, Allow %v, version %v", resp.Status,
				resp.Header["Allow"], resp.Header["Sec-Websocket-Version"])
			if got != test.want {
				t.Errorf("Handshake(%v) = %s, want %s", test.header, got, test.want)
			}
		})
	}
}
