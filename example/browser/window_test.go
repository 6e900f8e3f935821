package browser

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// window is a tab of the browser. It keeps what the console says, and every address that
// is asked for.
type window struct {
	tb    testing.TB
	ctx   context.Context
	close context.CancelFunc

	mu       sync.Mutex
	console  []string
	requests []string
}

// refused is what the browser itself says of a server that is not there.
const refused = "WebSocket connection to"

// newWindow opens an empty window. At the end of the test its console has to be free of
// complaints, but for those with one of the expected texts in them.
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
	call(w, network.Enable, network.EnableParams{})
	tb.Cleanup(func() {
		w.check(append(expected, refused, "/socket?"))
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
	case *network.EventRequestWillBeSent:
		w.requests = append(w.requests, e.Request.URL)
	case *network.EventWebSocketCreated:
		w.requests = append(w.requests, e.URL)
	}
}

// check fails the test for what the console says, and for requests to others than our server.
func (w *window) check(expected []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, line := range w.console {
		if !slices.ContainsFunc(expected, func(e string) bool { return strings.Contains(line, e) }) {
			w.tb.Errorf("the console says %s", line)
		}
	}
	for _, request := range w.requests {
		if u, err := url.Parse(request); err != nil || u.Hostname() != "127.0.0.1" {
			w.tb.Errorf("the page asked for %s", request)
		}
	}
}

func (w *window) do(steps ...chromedp.Action[chromedp.Void]) {
	w.tb.Helper()
	err := chromedp.Do(w.ctx, steps...)
	// A key may still be down when it has led to another page.
	if err != nil && !strings.Contains(err.Error(), "navigated or closed") {
		w.tb.Fatal(err)
	}
}

// goTo opens a page.
func (w *window) goTo(address string) {
	w.tb.Helper()
	w.do(chromedp.Navigate(address))
}

// enter opens a room and joins it.
func (w *window) enter(address, room, name string) {
	w.tb.Helper()
	w.goTo(roomURL(address, room))
	w.enters("name", name)
	w.until("the room is open", `!document.getElementById("inside").hidden`)
}

func (w *window) say(text string) {
	w.tb.Helper()
	w.enters("text", text)
}

// enters types into a field, in place of what is there, and presses Enter.
func (w *window) enters(field, text string) {
	w.tb.Helper()
	w.until("the field has the focus", fmt.Sprintf(
		`document.getElementById(%q)?.select() === undefined && document.activeElement?.id === %[1]q`,
		field))
	if text == "" {
		eval[string](w, fmt.Sprintf(`document.getElementById(%q).value = ""`, field))
	}
	w.do(chromedp.KeyEvent(text + "\r"))
}

// eval returns what an expression of the page is.
func eval[T any](w *window, expression string) (value T) {
	w.tb.Helper()
	value, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		w.tb.Fatal(err)
	}
	return value
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

// texts returns the texts of all elements that a selector finds.
func (w *window) texts(selector string) []string {
	w.tb.Helper()
	return eval[[]string](w, fmt.Sprintf(
		`Array.from(document.querySelectorAll(%q), e => e.textContent)`, selector))
}

// until waits for an expression to be true.
func (w *window) until(what, expression string) {
	w.tb.Helper()
	for end := time.Now().Add(wait); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if eval[bool](w, expression) {
			return
		}
	}
	w.tb.Fatalf("waited in vain: %s; the page shows %q", what, w.shows())
}

// sees waits until the texts that a selector finds are these.
func (w *window) sees(selector string, want ...string) {
	w.tb.Helper()
	var got []string
	for end := time.Now().Add(wait); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if got = w.texts(selector); slices.Equal(got, want) {
			return
		}
	}
	w.tb.Fatalf("%s: %q, want %q; the page shows %q", selector, got, want, w.shows())
}

func (w *window) shows() string { return eval[string](w, `document.body.innerText`) }

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

// fill puts a text into the message, as pasting does.
func (w *window) fill(text string) {
	w.tb.Helper()
	w.until("the field has the focus", `document.getElementById("text").select() === undefined
		&& document.activeElement.id === "text"`)
	call(w, input.InsertText, input.InsertTextParams{Text: text})
}

// run runs a script in the page.
func (w *window) run(script string) {
	w.tb.Helper()
	eval[bool](w, "("+script+", true)")
}

// is checks what an expression is, as a text.
func (w *window) is(expression, want string) {
	w.tb.Helper()
	if got := eval[string](w, "String("+expression+")"); got != want {
		w.tb.Errorf("%s = %s, want %s", expression, got, want)
	}
}
