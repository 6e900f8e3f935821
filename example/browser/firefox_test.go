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
	ws *websocket.Conn

	mu      sync.Mutex // protects what follows
	last    int
	waiting map[int]chan<- answer
}

type answer struct {
	ID      int
	Type    string // success, error, or event
	Result  json.RawMessage
	Error   string
	Message string
}

// preferences keep it from asking others than our server.
const preferences = `
user_pref("app.normandy.enabled", false);
user_pref("app.update.enabled", false);
user_pref("browser.safebrowsing.downloads.enabled", false);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.topsites.contile.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.getAddons.cache.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.manage-offline-status", false);
user_pref("services.settings.server", "http://127.0.0.1:9");
user_pref("toolkit.telemetry.server", "http://127.0.0.1:9");
`

var bidiAt = regexp.MustCompile(`WebDriver BiDi listening on (ws://\S+)`)

// theFirefox is shared by the tests; stopFirefox ends it, if it was started.
var (
	theFirefox  = sync.OnceValues(startFirefox)
	stopFirefox = func() {}
)

var errNoFirefox = errors.New("no Firefox: install Debian's firefox-esr")

func startFirefox() (*firefox, error) {
	path, err := exec.LookPath("firefox-esr")
	if err != nil {
		path, err = exec.LookPath("firefox")
	}
	if err != nil {
		return nil, errNoFirefox
	}
	profile, err := os.MkdirTemp("", "live-firefox")
	if err != nil {
		return nil, err
	}
	stopFirefox = func() { os.RemoveAll(profile) }
	err = os.WriteFile(filepath.Join(profile, "user.js"), []byte(preferences), 0o600)
	if err != nil {
		return nil, err
	}
	f := &firefox{waiting: make(map[int]chan<- answer)}
	cmd := exec.Command(path, "--headless", "--no-remote", "--profile", profile,
		"--remote-debugging-port", "0")
	cmd.Env = append(os.Environ(), "HOME="+profile)
	out, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, err
	}
	stopFirefox = func() {
		cmd.Process.Kill()
		cmd.Wait()
		os.RemoveAll(profile)
	}
	found := make(chan string, 1)
	go func() { // until Firefox ends
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if m := bidiAt.FindStringSubmatch(lines.Text()); m != nil {
				found <- m[1]
			}
		}
	}()
	select {
	case address := <-found:
		f.ws, _, err = websocket.DefaultDialer.Dial(address+"/session", nil)
	case <-time.After(wait):
		err = errors.New("Firefox does not say where it listens")
	}
	if err != nil {
		return nil, err
	}
	go f.read()
	return f, f.call("session.new", map[string]any{"capabilities": map[string]any{}}, nil)
}

func (f *firefox) read() {
	for {
		var a answer
		if f.ws.ReadJSON(&a) != nil {
			return
		}
		f.mu.Lock()
		if to := f.waiting[a.ID]; to != nil {
			to <- a
			delete(f.waiting, a.ID)
		}
		f.mu.Unlock()
	}
}

// call runs a command, and fills result if it is not nil.
func (f *firefox) call(method string, params, result any) error {
	to := make(chan answer, 1)
	f.mu.Lock()
	f.last++
	f.waiting[f.last] = to
	err := f.ws.WriteJSON(map[string]any{"id": f.last, "method": method, "params": params})
	f.mu.Unlock()
	if err != nil {
		return err
	}
	select {
	case a := <-to:
		if a.Type != "success" {
			return fmt.Errorf("%s: %s %s", method, a.Error, a.Message)
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(a.Result, result)
	case <-time.After(wait):
		return fmt.Errorf("%s: no answer", method)
	}
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
		w.call("emulation.setNetworkConditions",
			map[string]any{"contexts": []string{w.context}, "networkConditions": conditions}, nil)
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
