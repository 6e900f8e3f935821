package browser

import (
	_ "embed"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-martini/martini"

	sockets "github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/live"
)

//go:embed live.html
var livePage string

// startLive starts a server that the module is tested against. What its page tells
// arrives on told; dialled counts the requests to /once.
func startLive(t *testing.T) (url string, told <-chan string, dialled *atomic.Int64) {
	router, quiet := martini.NewRouter(), apptest.Silent()
	router.Get("/live.js", live.Serve)
	router.Get("/", func() string { return live.ImportMap("/live.js") + livePage })
	router.Get("/away", func() string {
		return `<!doctype html><script>onload = () => setTimeout(() => history.back())</script>`
	})
	type text struct{ Text string }
	router.Get("/json", sockets.JSON(text{}, quiet), apptest.Echo[*text])
	router.Get("/texts", sockets.Messages(quiet), apptest.Echo[string])
	router.Get("/bytes", sockets.ByteSliceMessages(quiet), apptest.Echo[[]byte])
	router.Get("/full", sockets.Messages(quiet), apptest.WaitForDone)
	dialled = new(atomic.Int64)
	router.Get("/once", func() { dialled.Add(1) }, sockets.Messages(quiet),
		func(receiver <-chan string) { <-receiver })
	router.Get("/close", sockets.Messages(quiet), func(r *http.Request, c *sockets.Connection) {
		code, _ := strconv.Atoi(r.FormValue("code"))
		c.Close(code, "so be it")
	})
	router.Get("/refuse", func(w http.ResponseWriter) { http.Error(w, "no", http.StatusUnauthorized) })
	tells := make(chan string, 100)
	router.Post("/tell", func(r *http.Request) {
		what, _ := io.ReadAll(r.Body)
		tells <- string(what)
	})
	m := martini.New()
	m.Action(router.Handle)
	s := httptest.NewServer(m)
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s.URL, tells, dialled
}

// What the tests of the module in node, in live/test, assume of a browser: what it makes
// of each kind of message, that it tells the close code and the reason, the status of a
// refusal and how much waits, and that a page that comes back from the back/forward cache
// goes on, and dials at once. The page does all that by itself.
func TestLiveAssumptions(t *testing.T) {
	for browser, open := range map[string]func(t *testing.T, address string){
		"chromium": func(t *testing.T, address string) {
			newWindow(t, "WebSocket", "Failed to load resource").goTo(address)
		},
		"firefox": openFirefox,
	} {
		t.Run(browser, func(t *testing.T) {
			needBrowser(t)
			url, told, _ := startLive(t)
			open(t, url+"/?run")
			for _, want := range []string{
				`json ["hi"]`, `texts ["hi"]`, `bytes [[0,255]]`,
				`closed ["1005","1006","1013so be it","4099so be it","4299so be it"]`,
				`refused 401`, `cached ["open","lost","open","lost"] true`, `full [true,false]`,
				`connected ["open","lost","open"] "pagehide"`,
			} {
				if browser == "firefox" && want[:9] == "connected" {
					return // it keeps no page in that cache that has an open connection
				}
				select {
				case got := <-told:
					if got != want {
						t.Errorf("the page says %s, want %s", got, want)
					}
				case <-time.After(wait):
					t.Fatalf("the page says nothing, want %s", want)
				}
			}
		})
	}
}

// Half an hour of the page's clock, which takes three seconds, in a tab that is hidden,
// and in one that is offline.
func TestLiveHiddenAndOffline(t *testing.T) {
	needBrowser(t)
	url, _, dialled := startLive(t)
	w := newWindow(t, "WebSocket", "favicon.ico")
	w.goTo(url)
	w.until(`window.begun === true`)
	w.run(`begin("/once", {probe: "the last message"})`)
	w.until(`live.names().includes("open")`)
	quiet := func(losses int) {
		t.Helper()
		w.until(`live.names().at(-1) === "lost"`)
		before := dialled.Load()
		w.run(`faster(600), window.since = Date.now()`)
		w.until(`Date.now() - since > 1800000`)
		if got := dialled.Load(); got != before {
			t.Errorf("the page dialled %d times", got-before)
		}
		w.run(`faster(1)`)
		w.is(`live.told("lost").length`, losses)
	}
	show := w.hide()
	w.until(`document.hidden`)
	w.run(`live.send("the last message")`)
	quiet(1)
	show()
	w.until(`live.names().at(-1) !== "lost"`)
	online := w.offline()
	quiet(2)
	online()
	w.until(`live.names().at(-1) === "open"`)
}
