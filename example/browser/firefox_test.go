package browser

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// firefox is a Firefox that is driven by WebDriver BiDi, which it speaks itself.
type firefox struct {
	mu   sync.Mutex // one command at a time
	ws   *websocket.Conn
	last int
}

type params map[string]any

// answer is what the commands that are used here may return.
type answer struct {
	Context          string
	Result           struct{ Value string }
	ExceptionDetails struct{ Text string }
}

// preferences keep it from asking others than our server.
const preferences = `
user_pref("app.normandy.enabled", false);
user_pref("app.update.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.manage-offline-status", false);
user_pref("services.settings.server", "http://127.0.0.1:9");
user_pref("toolkit.telemetry.server", "http://127.0.0.1:9");
`

// theFirefox is shared by the tests; stopFirefox ends it, if it was started.
var (
	theFirefox  = sync.OnceValues(startFirefox)
	stopFirefox = func() {}
)

func startFirefox() (*firefox, error) {
	profile := filepath.Join(dir, "firefox")
	cmd := exec.Command(installed("firefox-esr", "firefox"), "--headless", "--no-remote", "--profile", profile,
		"--remote-debugging-port", "0")
	cmd.Env = append(os.Environ(), "HOME="+profile)
	out, err := cmd.StderrPipe()
	if err := errors.Join(err, os.Mkdir(profile, 0o700),
		os.WriteFile(filepath.Join(profile, "user.js"), []byte(preferences), 0o600),
		cmd.Start()); err != nil {
		return nil, err
	}
	stopFirefox = func() { cmd.Process.Kill(); cmd.Wait() }
	at, err := says(out, `ws://\S+`)
	f := new(firefox)
	if err == nil {
		f.ws, _, err = websocket.DefaultDialer.Dial(at+"/session", nil)
	}
	if err == nil {
		_, err = f.call("session.new", params{"capabilities": params{}})
	}
	return f, err
}

func (f *firefox) call(method string, p params) (answer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	f.ws.SetReadDeadline(time.Now().Add(wait))
	err := f.ws.WriteJSON(params{"id": f.last, "method": method, "params": p})
	for err == nil {
		var a struct {
			ID                   int
			Type, Error, Message string // the type is success, error, or event
			Result               answer
		}
		if err = f.ws.ReadJSON(&a); err != nil || a.ID != f.last {
			continue
		}
		if a.Type != "success" {
			return answer{}, fmt.Errorf("%s: %s %s", method, a.Error, a.Message)
		}
		return a.Result, nil
	}
	return answer{}, fmt.Errorf("%s: %w", method, err)
}

// foxTab is a window of Firefox, with one tab.
type foxTab struct {
	t       *testing.T
	fox     *firefox
	context string
}

func newFoxTab(t *testing.T) tab {
	t.Helper()
	if installed("firefox-esr", "firefox") == "" {
		skip(t, "no Firefox: install Debian's firefox-esr")
	}
	f, err := theFirefox()
	if err != nil {
		t.Fatal(err)
	}
	w := &foxTab{t: t, fox: f}
	w.context = w.call("browsingContext.create", params{"type": "window"}).Context
	t.Cleanup(func() { w.call("browsingContext.close", params{}) })
	return w
}

// call runs a command, on this tab if the parameters name no other.
func (w *foxTab) call(method string, p params) answer {
	w.t.Helper()
	if _, other := p["context"]; !other {
		p["context"] = w.context
	}
	a, err := w.fox.call(method, p)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

func (w *foxTab) goTo(address string) {
	w.t.Helper()
	w.call("browsingContext.navigate", params{"url": address, "wait": "complete"})
}

func (w *foxTab) back() { w.call("browsingContext.traverseHistory", params{"delta": -1}) }

func (w *foxTab) hide() (show func()) {
	w.t.Helper()
	other := w.call("browsingContext.create",
		params{"type": "tab", "referenceContext": w.context}).Context
	return func() {
		w.call("browsingContext.activate", params{})
		w.call("browsingContext.close", params{"context": other})
	}
}

func (w *foxTab) offline() (online func()) {
	set := func(conditions any) {
		w.call("emulation.setNetworkConditions", params{
			"contexts": []string{w.context}, "networkConditions": conditions})
	}
	set(params{"type": "offline"})
	return func() { set(nil) }
}

// json returns what an expression of the page is, as JSON.
func (w *foxTab) json(expression string) string {
	w.t.Helper()
	got := w.call("script.evaluate", params{"awaitPromise": true,
		"expression": "JSON.stringify(" + expression + ")", "target": params{"context": w.context}})
	if got.ExceptionDetails.Text != "" {
		w.t.Fatalf("%s: %s", expression, got.ExceptionDetails.Text)
	}
	return got.Result.Value
}
