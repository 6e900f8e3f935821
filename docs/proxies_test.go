package docs_test

import (
	"context"
	"crypto/tls"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/go-martini/martini"
	"github.com/gorilla/websocket"
)

// host is what the browser asks for: the port is not that of https.
const host = "chat.example.com:8443"

// fences are a block of Markdown and its language.
var fences = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// block returns the one block of proxies.md in a language.
func block(t *testing.T, language string) string {
	t.Helper()
	page, err := os.ReadFile("proxies.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range fences.FindAllSubmatch(page, -1) {
		if string(found[1]) == language {
			return string(found[2])
		}
	}
	t.Fatalf("proxies.md has no block of %s", language)
	return ""
}

// The blocks of nginx, HAProxy and Apache let websockets through, keep strangers out, and send
// plain HTTP to TLS.
func TestProxies(t *testing.T) {
	tests := []struct {
		name   string
		origin string
		edit   *strings.Replacer
		only   string // the language that the edit is for
		status int
	}{
		{name: "own page", origin: "https://" + host, status: 101},
		{name: "stranger", origin: "https://evil.example.com", status: 403},
		{name: "without the port", origin: "https://chat.example.com", status: 403},
		{name: "$host", origin: "https://" + host, only: "nginx", status: 403,
			edit: strings.NewReplacer("$http_host", "$host")},
		{name: "without Upgrade", origin: "https://" + host, only: "nginx", status: 400,
			edit: strings.NewReplacer("proxy_set_header Upgrade $http_upgrade;", "")},
		{name: "own Host", origin: "https://" + host, only: "apache", status: 403,
			edit: strings.NewReplacer("ProxyPreserveHost On", "")},
		{name: "without upgrade", origin: "https://" + host, only: "apache", status: 400,
			edit: strings.NewReplacer("upgrade=websocket", "")},
	}
	for _, p := range proxies {
		for _, test := range tests {
			if test.only != "" && test.only != p.language {
				continue
			}
			t.Run(p.language+"/"+test.name, func(t *testing.T) {
				edit := test.edit
				if edit == nil {
					edit = strings.NewReplacer()
				}
				front := p.start(t, wstest.NewServer(t, echoes()), edit)
				front.speak(t, test.origin, test.status)
				front.redirect(t)
			})
		}
	}
}

// echoes is the server behind the proxy.
func echoes() http.Handler {
	m := martini.New()
	m.Use(sockets.Messages(&sockets.Options{SkipLogging: true}))
	m.Action(func(receiver <-chan string, sender chan<- string, done <-chan bool) {
		for {
			select {
			case text := <-receiver:
				sender <- text
			case <-done:
				return
			}
		}
	})
	return m
}

// speak connects through TLS, and, if that is the answer which is wanted, has a word echoed
// and says goodbye.
func (r running) speak(t *testing.T, origin string, want int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), wstest.Wait)
	defer cancel()
	dialer := websocket.Dialer{
		NetDialContext:  r.dial("443"),
		TLSClientConfig: &tls.Config{RootCAs: r.roots},
	}
	ws, response, err := dialer.DialContext(ctx, "wss://"+host+"/", http.Header{"Origin": {origin}})
	if response == nil || response.StatusCode != want {
		t.Fatalf("Dial = %v, %v, want status %d", response, err, want)
	}
	if err != nil {
		return
	}
	defer ws.Close()
	_ = ws.SetReadDeadline(time.Now().Add(wstest.Wait))
	_ = ws.WriteMessage(websocket.TextMessage, []byte("hello"))
	if _, got, err := ws.ReadMessage(); string(got) != "hello" || err != nil {
		t.Errorf("ReadMessage = %q, %v, want hello", got, err)
	}
	goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = ws.WriteControl(websocket.CloseMessage, goodbye, time.Now().Add(wstest.Wait))
	if _, _, err := ws.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		t.Errorf("ReadMessage = %v, want the answer to the close frame", err)
	}
}

// redirect asks without TLS.
func (r running) redirect(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), wstest.Wait)
	defer cancel()
	transport := &http.Transport{DialContext: r.dial("80"), DisableKeepAlives: true}
	request, _ := http.NewRequestWithContext(ctx, "GET", "http://chat.example.com/page", nil)
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatalf("GET = %v, want a redirection", err)
	}
	response.Body.Close()
	const want = "https://chat.example.com/page"
	if got := response.Header.Get("Location"); response.StatusCode != 301 || got != want {
		t.Errorf("GET = %d to %q, want 301 to %q", response.StatusCode, got, want)
	}
}
