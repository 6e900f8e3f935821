package browser

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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

// preferences keep it from asking others than our server.
const preferences = `
user_pref("app.normandy.enabled", false);
user_pref("app.update.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.manage-offline-status", false);
user_pref("services.settings.server", "http://127.0.0.1:9");
user_pref("toolkit.telemetry.server", "http://127.0.0.1:9");
`

var bidiAt = regexp.MustCompile(`WebDriver BiDi listening on (ws://\S+)`)

// theFirefox is shared by the tests; stopFirefox ends it, if it was started.
var (
	theFirefox   = sync.OnceValues(startFirefox)
	stopFirefox  = func() {}
	errNoFirefox = errors.New("no Firefox: install Debian's firefox-esr")
)

func startFirefox() (*firefox, error) {
	path, err := exec.LookPath("firefox-esr")
	if err != nil {
		path, err = exec.LookPath("firefox")
	}
	if err != nil {
		return nil, errNoFirefox
	}
	profile, err := os.MkdirTemp("", "live-firefox")
	if err == nil {
		err = os.WriteFile(filepath.Join(profile, "user.js"), []byte(preferences), 0o600)
	}
	cmd := exec.Command(path, "--headless", "--no-remote", "--profile", profile,
		"--remote-debugging-port", "0")
	cmd.Env = append(os.Environ(), "HOME="+profile)
	out, pipeErr := cmd.StderrPipe()
	if err := errors.Join(err, pipeErr, cmd.Start()); err != nil {
		return nil, err
	}
	stopFirefox = func() {
		cmd.Process.Kill()
		cmd.Wait()
		os.RemoveAll(profile)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := bidiAt.FindStringSubmatch(lines.Text()); m != nil {
			go func() { // until Firefox ends
				for lines.Scan() {
				}
			}()
			f := new(firefox)
			if f.ws, _, err = websocket.DefaultDialer.Dial(m[1]+"/session", nil); err != nil {
				return nil, err
			}
			return f, f.call("session.new", map[string]any{"capabilities": map[string]any{}}, nil)
		}
	}
	return nil, errors.New("Firefox does not say where it listens")
}

// call runs a command, and fills result if it is not nil.
func (f *firefox) call(method string, params, result any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	f.ws.SetReadDeadline(time.Now().Add(wait))
	err := f.ws.WriteJSON(map[string]any{"id": f.last, "method": method, "params": params})
	for err == nil {
		var a struct {
			ID                   int
			Type, Error, Message string // the type is success, error, or event
			Result               json.RawMessage
		}
		if err = f.ws.ReadJSON(&a); err != nil || a.ID != f.last {
			continue
		}
		if a.Type != "success" {
			return fmt.Errorf("%s: %s %s", method, a.Error, a.Message)
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(a.Result, result)
	}
	return fmt.Errorf("%s: %w", method, err)
}

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
	w.context = w.create(map[string]any{"type": "window"})
	t.Cleanup(func() { w.call("browsingContext.close", map[string]any{"context": w.context}, nil) })
	return w
}

func (w *foxTab) call(method string, params, result any) {
	w.t.Helper()
	if err := w.fox.call(method, params, result); err != nil {
		w.t.Fatal(err)
	}
}

// create opens a window or a tab.
func (w *foxTab) create(params map[string]any) (context string) {
	w.t.Helper()
	var made struct{ Context string }
	w.call("browsingContext.create", params, &made)
	return made.Context
}

func (w *foxTab) goTo(address string) {
	w.t.Helper()
	w.call("browsingContext.navigate",
		map[string]any{"context": w.context, "url": address, "wait": "complete"}, nil)
}

func (w *foxTab) back() {
	w.call("browsingContext.traverseHistory", map[string]any{"context": w.context, "delta": -1}, nil)
}

func (w *foxTab) hide() (show func()) {
	w.t.Helper()
	other := w.create(map[string]any{"type": "tab", "referenceContext": w.context})
	return func() {
		w.call("browsingContext.activate", map[string]any{"context": w.context}, nil)
		w.call("browsingContext.close", map[string]any{"context": other}, nil)
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
