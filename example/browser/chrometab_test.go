package browser

import (
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

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
	evaluate := chromedp.Evaluate[string]("JSON.stringify(" + expression + ")")
	value, err := chromedp.Run(w.ctx, evaluate)
	if err != nil && strings.Contains(err.Error(), "navigated or closed") {
		value, err = chromedp.Run(w.ctx, evaluate) // of the next page
	}
	if err != nil {
		w.tb.Fatal(err)
	}
	return value
}
