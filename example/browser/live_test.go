package browser

import (
	"fmt"
	"testing"
)

func TestLiveKinds(t *testing.T) {
	inBrowsers(t, func(t *testing.T, w tab) {
		begin(t, w, startLive(t).address)
		for _, tt := range []struct{ address, options, send, heard string }{
			{"/json", `{}`, `{Text: "hi"}`, `["hi"]`},
			{"/texts", `{encode: x => x, decode: Text => ({Text})}`, `"hi"`, `["hi"]`},
			{"/bytes", `{encode: x => x, decode: x => ({Text: [...new Uint8Array(x)]})}`,
				`new Uint8Array([0, 255])`, `[[0,255]]`},
		} {
			w.json(`(window.live = begin("` + tt.address + `", ` + tt.options + `), 0)`)
			becomes(t, w, `live.send(`+tt.send+`)`)
			becomes(t, w, `live.told("message").length === 1`)
			is(t, w, `live.told("message").map(m => m.Text)`, tt.heard)
			w.json(`(live.close(), 0)`)
		}
	})
}

// The policy for close codes, for each code that a server can send.
func TestLiveCloseCodes(t *testing.T) {
	inBrowsers(t, func(t *testing.T, w tab) {
		begin(t, w, startLive(t).address)
		w.json(`(window.lives = [1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009,
			1010, 1011, 1012, 1013, 1014, 3000, 4000, 4001, 4099, 4100, 4199, 4200, 4299,
			4300, 4999].map(c => Object.assign(begin("/close?code=" + c), {code: c})), 0)`)
		becomes(t, w, `lives.every(l => l.told("lost").concat(l.told("end")).length > 0)`)
		w.json(`(lives.forEach(l => l.close()), 0)`)
		w.json(`(window.codes = name => lives.filter(
			l => l.told(name).some(e => e.code === l.code)).map(l => l.code), 0)`)
		is(t, w, `codes("end")`, `[1002,1003,1007,1008,1009,1010,4000,4001,4099]`)
		is(t, w, `codes("lost")`, `[1000,1001,1005,1006,1011,1012,1013,1014,3000,`+
			`4100,4199,4200,4299,4300,4999]`)
		is(t, w, `lives.find(l => l.code === 1013).told("lost")[0].wait >= 30000`, `true`)
		is(t, w, `lives.flatMap(l => l.told("end")).every(e => e.reason === "so be it")`, `true`)
	})
}

func TestLiveRefused(t *testing.T) {
	inBrowsers(t, func(t *testing.T, w tab) {
		begin(t, w, startLive(t).address)
		w.json(`(window.lives = ["/refuse?status=401", "/refuse?status=403",
			"/refuse?status=503", "/no-upgrade", "/nowhere"].map(a => begin(a)), 0)`)
		becomes(t, w, `lives.every(l => l.told("end")[0] || l.told("lost")[2])`)
		is(t, w, `lives.map(l => [l.told("end")[0]?.status, l.told("lost")[2]?.status])`,
			`[[401,null],[403,null],[null,503],[null,400],[null,404]]`)
		w.json(`(lives.forEach(l => l.close()), 0)`)
	})
}

const talks = `(window.live = begin("/say", {
	position: m => m.At, complete: m => !m.Incomplete,
}), window.texts = () => live.told("message").map(m => m.Text).filter(t => t), 0)`

func say(w tab, text string) {
	w.json(fmt.Sprintf(`(live.say(ID => ({ID, Text: %q})), 0)`, text))
}

// settles is what a page does with what it hears.
const settles = `live.told("message").forEach(m => live.settle(m.ID))`

func TestLiveSaysOnce(t *testing.T) {
	inBrowsers(t, func(t *testing.T, w tab) {
		s := startLive(t)
		g := newGate(t, s.address)
		begin(t, w, g.address)
		w.json(talks)
		say(w, "one")
		becomes(t, w, `texts().length === 1`) // but the page does not settle it
		g.lead("")
		g.cut()
		becomes(t, w, `live.names().at(-1) === "lost"`)
		say(w, "two")
		say(w, "no")
		say(w, "three")
		g.lead(s.address)
		becomes(t, w, `sent.filter(data => data.includes('"one"')).length === 2`)
		becomes(t, w, `(`+settles+`, live.unsettled.length === 0)`)
		is(t, w, `texts()`, `["one","two","three"]`)
		is(t, w, `live.names().includes("incomplete")`, `false`)
	})
}

// A server that is killed takes its log with it. The page hears of that, and what it has
// not settled is said to the next one.
func TestLiveServerIsKilled(t *testing.T) {
	inBrowsers(t, func(t *testing.T, w tab) {
		s := startLive(t)
		g := newGate(t, s.address)
		begin(t, w, g.address)
		w.json(talks)
		say(w, "one")
		becomes(t, w, `(`+settles+`, texts()[0] === "one" && !live.unsettled.length)`)
		s.kill()
		becomes(t, w, `live.names().at(-1) === "lost"`)
		is(t, w, `live.told("lost")[0].code`, `1006`)
		is(t, w, `live.send({})`, `false`)
		say(w, "two")
		g.lead(startLive(t).address)
		becomes(t, w, `(`+settles+`, live.unsettled.length === 0)`)
		is(t, w, `texts()`, `["one","two"]`)
		is(t, w, `live.names().filter(name => name === "incomplete").length`, `1`)
	})
}

func TestLiveStalled(t *testing.T) {
	inBrowsers(t, func(t *testing.T, w tab) {
		s := startLive(t)
		g := newGate(t, s.address)
		begin(t, w, g.address)
		w.json(`(faster(10), window.mute = begin("/stall"),
			window.live = begin("/json", {probe: {Text: "probe"}}), 0)`)
		becomes(t, w, `live.told("message").length > 1`) // the probe comes back
		g.freeze()
		becomes(t, w, `live.names().includes("lost")`)
		becomes(t, w, `live.names().at(-1) === "message"`) // and again
		is(t, w, `live.told("lost")[0].reason`, `"silent"`)
		becomes(t, w, `mute.told("lost").length > 1`)
		is(t, w, `mute.told("lost")[0].reason`, `"silent"`)
	})
}

func TestLiveFullBuffer(t *testing.T) {
	inBrowsers(t, func(t *testing.T, w tab) {
		g := newGate(t, startLive(t).address)
		begin(t, w, g.address)
		w.json(`(window.live = begin("/json"), 0)`)
		becomes(t, w, `live.send({Text: "hello"})`)
		g.freeze()
		is(t, w, `(() => {
			let sent = 0;
			while (sent < 1000 && live.send({Text: "x".repeat(100000)})) sent++;
			return [sent > 10 && sent < 1000, live.send({})];
		})()`, `[true,false]`)
	})
}

// Ten minutes of the page's clock, in a tab that is hidden.
func TestLiveTenMinutesHidden(t *testing.T) {
	inBrowsers(t, func(t *testing.T, w tab) {
		g := newGate(t, startLive(t).address)
		begin(t, w, g.address)
		w.json(`(window.live = begin("/json", {probe: {Text: "probe"}}), 0)`)
		becomes(t, w, `live.names().includes("open")`)
		show := w.hide()
		becomes(t, w, `document.hidden`)
		g.cut()
		becomes(t, w, `live.names().at(-1) === "lost"`)
		dialled := g.dialled.Load()
		w.json(`(faster(60), window.since = Date.now())`)
		becomes(t, w, `Date.now() - since > 600000`)
		if got := g.dialled.Load(); got != dialled {
			t.Errorf("hidden, the page dialled %d times", got-dialled)
		}
		w.json(`(faster(1), 0)`)
		show()
		becomes(t, w, `live.names().at(-1) !== "lost"`)
		is(t, w, `live.told("lost").length`, `1`)
	})
}

func TestLiveOffline(t *testing.T) {
	inBrowsers(t, func(t *testing.T, w tab) {
		begin(t, w, startLive(t).address)
		w.json(`(window.live = begin("/json"), 0)`)
		becomes(t, w, `live.names().includes("open")`)
		online := w.offline()
		becomes(t, w, `live.names().at(-1) === "lost"`)
		w.json(`(faster(60), window.since = Date.now())`)
		becomes(t, w, `Date.now() - since > 60000`)
		w.json(`(faster(1), 0)`)
		is(t, w, `live.names()`, `["open","lost"]`)
		online()
		becomes(t, w, `live.names().at(-1) === "open"`)
	})
}

// A page that comes back from the back/forward cache dials at once. Firefox keeps no page
// there that has an open connection.
func TestLiveBackForwardCache(t *testing.T) {
	inBrowsers(t, func(t *testing.T, w tab) {
		address := startLive(t).address
		begin(t, w, address)
		w.json(`(window.live = begin("/close?code=1013"), 0)`)
		becomes(t, w, `live.told("lost")[0]?.wait > 29000`)
		w.goTo("http://" + address + "/away")
		w.back()
		becomes(t, w, `window.fromCache === true && live.told("lost").length > 1`)
		is(t, w, `live.names()`, `["open","lost","open","lost"]`)
		w.json(`(live.close(), 0)`)
		if _, is := w.(chromeTab); !is {
			return
		}
		w.json(`(window.fromCache = false, window.live = begin("/json"), 0)`)
		becomes(t, w, `live.names().includes("open")`)
		w.goTo("http://" + address + "/away")
		w.back()
		becomes(t, w, `window.fromCache === true && live.names().length === 3`)
		is(t, w, `live.names()`, `["open","lost","open"]`)
		is(t, w, `live.told("lost")[0].reason`, `"pagehide"`)
	})
}
