package browser

import (
	"errors"
	"os"
	"testing"
)

// foxTab is a window of Firefox, with one tab.
type foxTab struct {
	t       *testing.T
	fox     *firefox
	context string
}

func newFoxTab(t *testing.T) *foxTab {
	t.Helper()
	f, err := theFirefox()
	if errors.Is(err, errNoFirefox) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	w := &foxTab{t: t, fox: f}
	var made struct{ Context string }
	w.call("browsingContext.create", map[string]any{"type": "window"}, &made)
	w.context = made.Context
	t.Cleanup(func() { w.inContext("browsingContext.close") })
	return w
}

func (w *foxTab) call(method string, params, result any) {
	w.t.Helper()
	if err := w.fox.call(method, params, result); err != nil {
		w.t.Fatal(err)
	}
}

// inContext runs a command on the tab, with more parameters.
func (w *foxTab) inContext(method string, more ...any) {
	w.t.Helper()
	params := map[string]any{"context": w.context}
	for i := 0; i < len(more); i += 2 {
		params[more[i].(string)] = more[i+1]
	}
	w.call(method, params, nil)
}

func (w *foxTab) goTo(address string) {
	w.t.Helper()
	w.inContext("browsingContext.navigate", "url", address, "wait", "complete")
}

func (w *foxTab) back() { w.inContext("browsingContext.traverseHistory", "delta", -1) }

func (w *foxTab) hide() (show func()) {
	w.t.Helper()
	var made struct{ Context string }
	w.call("browsingContext.create",
		map[string]any{"type": "tab", "referenceContext": w.context}, &made)
	return func() {
		w.inContext("browsingContext.activate")
		w.call("browsingContext.close", map[string]any{"context": made.Context}, nil)
	}
}

func (w *foxTab) offline() (online func()) {
	set := func(conditions any) {
		w.call("emulation.setNetworkConditions", map[string]any{
			"contexts": []string{w.context}, "networkConditions": conditions,
		}, nil)
	}
	set(map[string]any{"type": "offline"})
	return func() { set(nil) }
}

// json returns what an expression of the page is, as JSON.
func (w *foxTab) json(expression string) string {
	w.t.Helper()
	var got struct {
		Result           struct{ Value string }
		ExceptionDetails struct{ Text string }
	}
	w.call("script.evaluate", map[string]any{
		"expression":   "JSON.stringify(" + expression + ")",
		"target":       map[string]any{"context": w.context},
		"awaitPromise": true,
	}, &got)
	if got.ExceptionDetails.Text != "" {
		w.t.Fatalf("%s: %s", expression, got.ExceptionDetails.Text)
	}
	return got.Result.Value
}
