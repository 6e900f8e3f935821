package browser

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/go-martini/martini"

	sockets "github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/live"
)

type said struct{ Text string }

// startLive starts a server that the module is tested against.
func startLive(t *testing.T) (address string) {
	router, quiet := martini.NewRouter(), &sockets.Options{SkipLogging: true}
	router.Get("/live.js", live.Serve)
	router.Get("/", func() string { return head + live.ImportMap("/live.js") + livePage })
	router.Get("/away", func() string { return "<!doctype html>elsewhere" })
	router.Get("/json", sockets.JSON(said{}, quiet), echo[*said])
	router.Get("/texts", sockets.Messages(quiet), echo[string])
	router.Get("/bytes", sockets.ByteSliceMessages(quiet), echo[[]byte])
	router.Get("/close", sockets.Messages(quiet), func(r *http.Request, c *sockets.Connection) {
		code, _ := strconv.Atoi(r.FormValue("code"))
		c.Close(code, "so be it")
	})
	router.Get("/refuse", func(w http.ResponseWriter) { http.Error(w, "no", 401) })
	m := martini.New()
	m.Action(router.Handle)
	s := httptest.NewServer(m)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func echo[M any](receiver <-chan M, sender chan<- M, done <-chan bool) {
	for {
		select {
		case message := <-receiver:
			sender <- message
		case <-done:
			return
		}
	}
}

const head = `<!doctype html><meta charset="utf-8"><title>live</title>`

// livePage keeps what happens to a connection in its log. After faster(n) its clock runs n times as fast.
const livePage = `<script>
	const clock = Date.now, timer = setTimeout;
	let speed = 1, began = clock(), then = began;
	Date.now = () => then + (clock() - began) * speed;
	window.setTimeout = (run, wait) => timer(run, wait / speed);
	window.faster = times => { [then, began, speed] = [Date.now(), clock(), times]; };
	addEventListener("pageshow", event => { window.fromCache = event.persisted; });
</script>
<script type="module">
	import {Live} from "martini-sockets";
	window.begin = (address, options) => {
		const log = [];
		const keep = name => event => log.push([name, event]);
		const live = new Live(address, {
			onopen: keep("open"), onlost: keep("lost"), onend: keep("end"),
			onincomplete: keep("incomplete"), onmessage: keep("message"), ...options,
		});
		live.log = log;
		live.names = () => log.map(([name]) => name);
		live.told = name => log.filter(entry => entry[0] === name).map(entry => entry[1]);
		return window.live = live;
	};
	window.begun = true;
</script>`

func TestLiveKinds(t *testing.T) {
	inBrowsers(t, func(t *testing.T, w tab, _ *gate) {
		for _, tt := range []struct{ address, options, send, heard string }{
			{"/json", `{}`, `{Text: "hi"}`, `["hi"]`},
			{"/texts", `{encode: x => x, decode: Text => ({Text})}`, `"hi"`, `["hi"]`},
			{"/bytes", `{encode: x => x, decode: x => ({Text: [...new Uint8Array(x)]})}`,
				`new Uint8Array([0, 255])`, `[[0,255]]`},
		} {
			w.json(`(begin("` + tt.address + `", ` + tt.options + `), 0)`)
			becomes(t, w, `live.send(`+tt.send+`)`, kept)
			becomes(t, w, `live.told("message").length === 1`, kept)
			is(t, w, `live.told("message").map(m => m.Text)`, tt.heard)
			w.json(`(live.close(), 0)`)
		}
	})
}

// What the tests of the module in node, in live/test, assume of a browser: it tells the close
// code and the reason, the status of a refusal, and how much waits.
func TestLiveAssumptions(t *testing.T) {
	inBrowsers(t, func(t *testing.T, w tab, g *gate) {
		w.json(`(window.lives = [1005, 1006, 1013, 4099, 4299].map(c => begin("/close?code=" + c)),
			window.refused = begin("/refuse"), window.full = begin("/json"), 0)`)
		const first = `l => l.told("lost").concat(l.told("end"))[0]`
		becomes(t, w, `lives.every(`+first+`)`, kept)
		w.json(`(lives.forEach(l => l.close()), 0)`)
		is(t, w, `lives.map(`+first+`).map(e => e.code + e.reason)`, `["1005","1006",`+
			`"1013so be it","4099so be it","4299so be it"]`)
		becomes(t, w, `refused.told("end")[0]?.status === 401`, kept)

		becomes(t, w, `full.send({})`, kept)
		g.freeze()
		is(t, w, `(() => {
			let sent = 0;
			while (sent < 1000 && full.send({Text: "x".repeat(100000)})) sent++;
			return [sent > 10 && sent < 1000, full.send({})];
		})()`, `[true,false]`)
		g.cut("")
		becomes(t, w, `full.told("lost")[0]?.code === 1006`, kept)
	})
}

// Ten minutes of the page's clock, in a tab that is hidden, and in one that is offline.
func TestLiveHiddenAndOffline(t *testing.T) {
	inBrowsers(t, func(t *testing.T, w tab, g *gate) {
		w.json(`(begin("/json", {probe: {Text: "probe"}}), 0)`)
		becomes(t, w, `live.names().includes("open")`, kept)
		quiet := func(losses string) {
			t.Helper()
			becomes(t, w, `live.names().at(-1) === "lost"`, kept)
			dialled := g.dialled.Load()
			w.json(`(faster(600), window.since = Date.now())`)
			becomes(t, w, `Date.now() - since > 600000`, kept)
			if got := g.dialled.Load(); got != dialled {
				t.Errorf("the page dialled %d times", got-dialled)
			}
			w.json(`(faster(1), 0)`)
			is(t, w, `live.told("lost").length`, losses)
		}
		show := w.hide()
		becomes(t, w, `document.hidden`, kept)
		g.cut(g.to.Load().(string))
		quiet(`1`)
		show()
		becomes(t, w, `live.names().at(-1) !== "lost"`, kept)
		online := w.offline()
		quiet(`2`)
		online()
		becomes(t, w, `live.names().at(-1) === "open"`, kept)
	})
}

// A page that comes back from the back/forward cache dials at once. Firefox keeps no page
// there that has an open connection.
func TestLiveBackForwardCache(t *testing.T) {
	inBrowsers(t, func(t *testing.T, w tab, g *gate) {
		away := func() {
			w.json(`(window.fromCache = false, 0)`)
			w.goTo("http://" + g.address + "/away")
			w.back()
		}
		w.json(`(begin("/close?code=1013"), 0)`)
		becomes(t, w, `live.told("lost")[0]?.wait > 29000`, kept)
		away()
		becomes(t, w, `window.fromCache === true && live.told("lost").length > 1`, kept)
		is(t, w, `live.names()`, `["open","lost","open","lost"]`)
		w.json(`(live.close(), 0)`)
		if _, is := w.(*window); !is {
			return
		}
		w.json(`(begin("/json"), 0)`)
		becomes(t, w, `live.names().includes("open")`, kept)
		away()
		becomes(t, w, `window.fromCache === true && live.names().length === 3`, kept)
		is(t, w, `live.names()`, `["open","lost","open"]`)
		is(t, w, `live.told("lost")[0].reason`, `"pagehide"`)
	})
}
