package browser

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"
)

const (
	lost = `document.getElementById("lost").classList.contains("lost")`
	back = `!(` + lost + `)`
)

// A server that is stopped and started: the banner counts, what is said waits, and the
// conversation has no line of it.
func TestServerIsStoppedAndStarted(t *testing.T) {
	needBrowser(t)
	n := startProgram(t, "example", "")
	ann, bo := enter(t, n.address, "Ann"), enter(t, n.address, "Bo")
	ann.say("before")
	bo.sees(".text", "before")
	if err := n.ctrlC(); err != nil {
		t.Error(err)
	}
	for _, w := range []*window{ann, bo} {
		w.until(lost)
	}
	ann.say("meanwhile")
	ann.say("and more")
	ann.sees(".mine .mark", "delivered", "waiting", "waiting")
	ann.until(`(text => (window.first ??= text.match(/^Trying again in \d+ s.$/)) &&
		first[0] !== text)(document.getElementById("wait").textContent)`)
	startProgram(t, "example", n.address)
	ann.until(lost + ` && !document.getElementById("retry").disabled || ` + back)
	ann.run(`document.getElementById("retry").click()`)
	for _, w := range []*window{ann, bo} {
		w.sees(".text", "before", "meanwhile", "and more")
		w.until(back + ` && document.querySelectorAll("#people p").length === 2`)
	}
	ann.sees(".mine .mark", "delivered", "delivered", "delivered")
	ann.sees(".line", "Bo joined") // and nobody left
	ann.is(focused, "text")
}

// Somebody who mistyped the name, before the server could be reached, corrects it. A
// proxy that serves the pages, but lets no websocket through, is suspected.
func TestDoorWithoutConnection(t *testing.T) {
	needBrowser(t)
	n := startProgram(t, "example", "")
	ann := newWindow(t, "ERR_", "400")
	ann.goTo(roomURL(n.address, roomOf(t)))
	ann.until(focused + ` === "name"`)
	if err := n.ctrlC(); err != nil {
		t.Error(err)
	}
	ann.enters("name", "Anm")
	ann.sees("#state", "The server does not answer.")
	ann.run(`document.getElementById("name").focus()`)
	ann.enters("name", "Ann")
	startProgram(t, "example", n.address)
	ann.sees("#people p", "Ann (you)")
	ann.sees(".line")

	pages := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address})
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Upgrade")
		pages.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	ann.goTo(proxy.URL + "/room/?room=garden")
	ann.enters("name", "Ann")
	ann.sees("#state", "The server answers, but websockets do not get through. Is it a proxy?")
}

// Two windows of one browser are the same person, if the name is the same. Two people of
// one name, at different times, look different.
func TestSamePersonAndNamesakes(t *testing.T) {
	needBrowser(t)
	bo, ann, second := enter(t, address, "Bo"), enter(t, address, "Ann"), newWindow(t)
	second.goTo("http://" + address)
	second.run(`localStorage.setItem("key", ` + ann.json(`localStorage.getItem("key")`) + `)`)
	second.enter(address, roomOf(t), "Ann")
	ann.say("from the first")
	second.sees(".mine .text", "from the first")
	ann.close()
	second.close()
	bo.sees("#people p", "Bo (you)")
	newGuest(t, address, roomOf(t), "Ann").say("from another")
	bo.sees(".text", "from the first", "from another")
	bo.sees(".who .another", "another")
	bo.sees("#people p", "Bo (you)", "Ann another")
	bo.is(`new Set([...document.querySelectorAll("article")].map(
		e => e.style.getPropertyValue("--hue"))).size`, 2)
}

// Who reloads the page has not left. Many who come, and go, are one line.
func TestComingAndGoing(t *testing.T) {
	needBrowser(t)
	ann, bo := enter(t, address, "Ann"), enter(t, address, "Bo")
	ann.sees(".line", "Bo joined")
	ann.say("stay") // what comes after it would be another line
	bo.sees(".text", "stay")
	bo.do(chromedp.Reload())
	bo.sees("#people p", "Bo (you)", "Ann")
	bo.run(`window.all = Array.from({length: 50}, (_, i) => new WebSocket(
		"/socket?room=` + roomOf(t) + `&name=Guest+" + i + "&key=" + i))`)
	ann.sees("#who", "52 here")
	const only = `document.querySelectorAll(".line").length === 2 &&
		/^Guest \d+, Guest \d+, Guest \d+ and 47 others `
	const end = `$/.test([...document.querySelectorAll(".line")].at(-1).textContent)`
	ann.until(only + `joined` + end)
	bo.run(`all.forEach(socket => socket.close())`)
	ann.sees("#who", "2 here")
	ann.until(only + `left` + end)
}
