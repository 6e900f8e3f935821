package browser

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
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

// becomes waits for an expression to be true.
func becomes(t *testing.T, w tab, expression string) {
	t.Helper()
	for end := time.Now().Add(wait); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if w.json(expression) == "true" {
			return
		}
	}
	t.Fatalf("waited in vain: %s; log = %s", expression, w.json(`window.live?.log ?? null`))
}

// is checks what an expression is, as JSON.
func is(t *testing.T, w tab, expression, want string) {
	t.Helper()
	if got := w.json(expression); got != want {
		t.Errorf("%s = %s, want %s; log = %s", expression, got, want, w.json(`window.live?.log ?? null`))
	}
}

// chromeTab is a tab of Chromium.
type chromeTab struct{ *window }

// back does not wait for a load: a page from the cache has none.
func (w chromeTab) back() { w.json(`(history.back(), 0)`) }

func (w chromeTab) hide() (show func()) {
	w.tb.Helper()
	c := chromedp.FromContext(w.ctx)
	call(w.window, target.CreateTarget, target.CreateTargetParams{
		URL: "about:blank", BrowserContextID: c.BrowserContextID,
	})
	return func() { call(w.window, page.BringToFront, cdp.Empty{}) }
}

func (w chromeTab) offline() (online func()) {
	set := func(offline bool) {
		call(w.window, network.OverrideNetworkState, network.OverrideNetworkStateParams{
			Offline: offline, DownloadThroughput: -1, UploadThroughput: -1,
		})
	}
	set(true)
	return func() { set(false) }
}

func (w chromeTab) json(expression string) string {
	w.tb.Helper()
	return eval[string](w.window, "JSON.stringify("+expression+")")
}
