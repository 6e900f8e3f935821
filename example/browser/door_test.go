package browser

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
)

// Somebody who mistyped the name, before the server could be reached, corrects it.
func TestNameIsCorrectedWhileConnecting(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	g := newGate(t, n.address)
	ann := newWindow(t, refused, "ERR_")
	ann.goTo(roomURL(g.address, "garden"))
	ann.until("the name has the focus", `document.activeElement?.id === "name"`)
	g.lead("")
	g.cut()
	ann.join("Anm")
	ann.until("the reason is said by the form", `document.getElementById("door-state").textContent
		.startsWith("The server does not answer. Perhaps it is down")`)
	ann.sees("#state", "") // no connection was lost
	ann.join("Ann")
	g.lead(n.address)
	ann.sees("#people p", "Ann (you)")
	ann.sees(".line")
}

// A proxy that serves the pages, but lets no websocket through, is suspected.
func TestProxyWithoutWebsockets(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	pages := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: n.address})
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/socket" {
			http.Error(w, "no websockets here", http.StatusForbidden)
			return
		}
		pages.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	ann := newWindow(t, refused)
	ann.goTo(proxy.URL + "/room/?room=garden")
	ann.join("Ann")
	ann.until("the proxy is suspected", `document.getElementById("door-state").textContent
		.includes("Perhaps a proxy on the way does not pass on websockets.")`)
}
