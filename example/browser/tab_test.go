package browser

import (
	"testing"
	"time"
)

// tab is a visible page in one of the browsers.
type tab interface {
	goTo(address string)
	back()
	hide() (show func()) // behind another tab
	offline() (online func())
	json(expression string) string // what an expression of the page is, as JSON
}

// inBrowsers runs a test in Chromium and in Firefox, each with a tab of its own in which
// the page of the server has begun. The server is behind a gate.
func inBrowsers(t *testing.T, test func(t *testing.T, w tab, g *gate)) {
	for name, open := range map[string]func(*testing.T) tab{
		"chromium": func(t *testing.T) tab {
			return newWindow(t, "WebSocket", "Failed to load resource")
		},
		"firefox": newFoxTab,
	} {
		t.Run(name, func(t *testing.T) {
			needBrowser(t)
			g := newGate(t, startLive(t))
			w := open(t)
			w.goTo("http://" + g.address)
			becomes(t, w, `window.begun === true`, kept)
			test(t, w, g)
		})
	}
}

const kept = `window.live?.log ?? null` // what happened to the connection

// becomes waits for an expression to be true. If it never is, the test fails and says what
// another one is.
func becomes(tb testing.TB, w tab, expression, why string) {
	tb.Helper()
	for end := time.Now().Add(wait); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if w.json(expression) == "true" {
			return
		}
	}
	tb.Fatalf("waited in vain: %s; %s = %s", expression, why, w.json(why))
}

// is checks what an expression is, as JSON.
func is(t *testing.T, w tab, expression, want string) {
	t.Helper()
	if got := w.json(expression); got != want {
		t.Errorf("%s = %s, want %s; log = %s", expression, got, want, w.json(kept))
	}
}
