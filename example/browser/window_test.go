package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// window is a tab of Chromium. It keeps what the console says.
type window struct {
	tb    testing.TB
	ctx   context.Context
	close context.CancelFunc

	mu      sync.Mutex
	console []string
}

// newWindow opens an empty window. At the end of the test its console has to be free of
// complaints, but for those of a server that is not there, and those with one of the
// expected texts in them.
func newWindow(tb testing.TB, expected ...string) *window {
	tb.Helper()
	w := &window{tb: tb}
	tab, closeTab := chromedp.NewContext(tabs, chromedp.WithNewBrowserContext(),
		chromedp.WithListener(w.hear))
	if err := chromedp.Do(tab); err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(tab, 5*wait)
	w.ctx, w.close = ctx, func() { cancel(); closeTab() }
	call(w, log.Enable, cdp.Empty{})
	tb.Cleanup(func() {
		w.check(append(expected, "WebSocket connection to", "/socket?"))
		w.close()
	})
	return w
}

func (w *window) hear(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelWarning || e.Entry.Level == log.EntryLevelError {
			line := fmt.Sprintf("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL)
			w.console = append(w.console, line)
		}
	case *runtime.EventExceptionThrown:
		d := e.ExceptionDetails
		w.console = append(w.console, fmt.Sprintf("%s at %s:%d", d.Text, d.URL, d.LineNumber))
	case *runtime.EventConsoleAPICalled:
		w.console = append(w.console, fmt.Sprintf("console.%s: %v", e.Type, e.Args))
	}
}

// check fails the test for what the console says.
func (w *window) check(expected []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, line := range w.console {
		if !slices.ContainsFunc(expected, func(e string) bool { return strings.Contains(line, e) }) {
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

func (w *window) json(expression string) string {
	w.tb.Helper()
	evaluate := chromedp.Evaluate[string]("JSON.stringify((" + expression + ") ?? null)")
	value, err := chromedp.Run(w.ctx, evaluate)
	if err != nil && strings.Contains(err.Error(), "navigated or closed") {
		value, err = chromedp.Run(w.ctx, evaluate) // of the next page
	}
	if err != nil {
		w.tb.Fatal(err)
	}
	return value
}

// run runs a script in the page.
func (w *window) run(script string) { w.tb.Helper(); w.json("(" + script + ", 0)") }

// is checks what an expression is, as a text.
func (w *window) is(expression string, want any) {
	w.tb.Helper()
	if got := w.json("String(" + expression + ")"); got != quoted(fmt.Sprint(want)) {
		w.tb.Errorf("%s = %s, want %v", expression, got, want)
	}
}

// quoted is a text as JavaScript writes it.
func quoted(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(v)
	return strings.TrimSpace(b.String())
}

// until waits for an expression to be true.
func (w *window) until(expression string) {
	w.tb.Helper()
	for end := time.Now().Add(wait); w.json(expression) != "true"; {
		if time.Now().After(end) {
			w.tb.Fatalf("waited in vain: %s; the page shows %s", expression,
				w.json(`document.body.innerText`))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// sees waits until the texts of all elements that a selector finds are these.
func (w *window) sees(selector string, want ...string) {
	w.tb.Helper()
	want = append([]string{}, want...) // [], not null
	texts := fmt.Sprintf(`Array.from(document.querySelectorAll(%q), e => e.textContent)`, selector)
	w.until(fmt.Sprintf(`JSON.stringify(%s) === JSON.stringify(%s)`, texts, quoted(want)))
}
