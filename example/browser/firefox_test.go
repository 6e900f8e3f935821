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
	command := map[string]any{"id": f.last, "method": method, "params": params}
	err := f.ws.WriteJSON(command)
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
