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

// inBrowsers runs a test in Chromium and in Firefox, each with a tab of its own.
func inBrowsers(t *testing.T, test func(t *testing.T, w tab)) {
	t.Run("chromium", func(t *testing.T) {
		needBrowser(t)
		test(t, chromeTab{newWindow(t, "WebSocket", "Failed to load resource")})
	})
	t.Run("firefox", func(t *testing.T) {
		if missing == "BROWSER=off" {
			t.Skip(missing)
		}
		t.Parallel()
		test(t, newFoxTab(t))
	})
}

// begin opens the page of the server.
func begin(t *testing.T, w tab, address string) {
	t.Helper()
	w.goTo("http://" + address)
	becomes(t, w, `window.begun === true`)
}

const kept = `window.live?.log ?? null` // what happened to the connection

// becomes waits for an expression to be true.
func becomes(t *testing.T, w tab, expression string) {
	t.Helper()
	for end := time.Now().Add(wait); time.Now().Before(end); {
		if w.json(expression) == "true" {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("waited in vain: %s; log = %s", expression, w.json(kept))
}

// is checks what an expression is, as JSON.
func is(t *testing.T, w tab, expression, want string) {
	t.Helper()
	if got := w.json(expression); got != want {
		t.Errorf("%s = %s, want %s; log = %s", expression, got, want, w.json(kept))
	}
}
