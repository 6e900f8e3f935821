package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// window is a tab of Chromium.
type window struct {
	tb  testing.TB
	ctx context.Context
}

// newWindow opens an empty window. At the end of the test its console has to be free of
// complaints, but for those of a server that is not there, and those with one of the
// expected texts in them.
func newWindow(tb testing.TB, expected ...string) *window {
	tb.Helper()
	tab, closeTab := chromedp.NewContext(tabs, chromedp.WithNewBrowserContext())
	ctx, cancel := context.WithTimeout(tab, 5*wait)
	tb.Cleanup(func() { cancel(); closeTab() })
	w, console := &window{tb, ctx}, chromedp.Console(ctx)
	expected = append(expected, "WebSocket connection to", "/socket?")
	tb.Cleanup(func() { w.check(console, expected) })
	return w
}

// check fails the test for what the console has said until now.
func (w *window) check(said iter.Seq2[chromedp.ConsoleMessage, error], expected []string) {
	const now = "the end of the test"
	w.run(fmt.Sprintf(`console.log(%q)`, now))
	for m, err := range said {
		if err != nil {
			w.tb.Fatal(err)
		}
		if m.Text == now {
			return
		}
		line := fmt.Sprint(m, " ", m.URL)
		known := func(text string) bool { return strings.Contains(line, text) }
		grave := m.Type == chromedp.ConsoleWarning || m.Type == chromedp.ConsoleError
		if (grave || m.Source == "") && !slices.ContainsFunc(expected, known) {
			w.tb.Errorf("the console says %s", line)
		}
	}
}

// call runs a command of the DevTools protocol.
func call[P, R any](w *window, command cdp.Command[P, R], params P) R {
	w.tb.Helper()
	result, err := chromedp.Call(w.ctx, command, params)
	if err != nil {
		w.tb.Fatal(err)
	}
	return result
}

func (w *window) do(steps ...chromedp.Action[chromedp.Void]) {
	w.tb.Helper()
	err := chromedp.Do(w.ctx, steps...)
	// A key may still be down when it has led to another page.
	if err != nil && !strings.Contains(err.Error(), "navigated or closed") {
		w.tb.Fatal(err)
	}
}

func (w *window) click(selector string) { w.tb.Helper(); w.do(chromedp.Click(selector)) }

func (w *window) keys(keys string) { w.tb.Helper(); w.do(chromedp.KeyEvent(keys)) }

func (w *window) goTo(address string) { w.tb.Helper(); w.do(chromedp.Navigate(address)) }

func (w *window) hide() (show func()) {
	w.tb.Helper()
	call(w, target.CreateTarget, target.CreateTargetParams{URL: "about:blank",
		BrowserContextID: chromedp.FromContext(w.ctx).BrowserContextID})
	return func() { call(w, page.BringToFront, cdp.Empty{}) }
}

func (w *window) offline() (online func()) {
	set := func(offline bool) {
		call(w, network.OverrideNetworkState, network.OverrideNetworkStateParams{
			Offline: offline, DownloadThroughput: -1, UploadThroughput: -1})
	}
	set(true)
	return func() { set(false) }
}

// size is that of the window's inside.
func (w *window) size(width, height int64) {
	w.tb.Helper()
	w.do(chromedp.EmulateViewport(width, height))
}

// scheme is what the person likes, light or dark.
func (w *window) scheme(scheme string) {
	w.tb.Helper()
	call(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
}

// text is what an expression is, as a text.
func (w *window) text(expression string) string {
	w.tb.Helper()
	evaluate := chromedp.Evaluate[string]("String(" + expression + ")")
	text, err := chromedp.Run(w.ctx, evaluate)
	if err != nil && strings.Contains(err.Error(), "navigated or closed") {
		text, err = chromedp.Run(w.ctx, evaluate) // of the next page
	}
	if err != nil {
		w.tb.Fatal(err)
	}
	return text
}

// run runs a script in the page.
func (w *window) run(script string) { w.tb.Helper(); w.text("(" + script + ", 0)") }

// is checks what an expression is, as a text.
func (w *window) is(expression string, want any) {
	w.tb.Helper()
	if got := w.text(expression); got != fmt.Sprint(want) {
		w.tb.Errorf("%s = %q, want %v", expression, got, want)
	}
}

// until waits for an expression to be true.
func (w *window) until(expression string) {
	w.tb.Helper()
	for end := time.Now().Add(wait); w.text(expression) != "true"; {
		if time.Now().After(end) {
			w.tb.Fatalf("waited in vain: %s; the page shows %s", expression,
				w.text(`document.body.innerText`))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// sees waits until the texts of all elements that a selector finds are these.
func (w *window) sees(selector string, want ...string) {
	w.tb.Helper()
	texts, _ := json.Marshal(append([]string{}, want...)) // [], not null
	w.until(fmt.Sprintf(`JSON.stringify(Array.from(document.querySelectorAll(%q),
		e => e.textContent)) === JSON.stringify(%s)`, selector, texts))
}
