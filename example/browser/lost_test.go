package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

const (
	lost = `document.getElementById("lost").classList.contains("lost")`
	back = `!(` + lost + `)`
)

// A server that is stopped and started: the banner counts, what is said waits, and the
// conversation has no line of it.
func TestServerIsStoppedAndStarted(t *testing.T) {
	n := program(t, "example")
	ann, bo := n.enter("Ann"), n.enter("Bo")
	ann.say("before")
	bo.sees(".text", "before")
	begin := time.Now()
	n.ctrlC()
	ann.until(lost)
	bo.until(lost)
	ann.say("meanwhile")
	ann.say("and more")
	ann.sees(".mine .mark", "delivered", "waiting", "waiting")
	ann.until(`(text => (window.first ??= text.match(/^Trying again in \d+ s.$/)) &&
		first[0] !== text)(document.getElementById("wait").textContent)`)
	start(t, "example", n.address)
	ann.until(lost + ` && !document.getElementById("retry").disabled || ` + back)
	ann.run(`document.getElementById("retry").click()`)
	for _, w := range []*window{ann, bo} {
		w.sees(".text", "before", "meanwhile", "and more")
		w.until(back + ` && document.querySelectorAll("#people p").length === 2`)
	}
	ann.sees(".mine .mark", "delivered", "delivered", "delivered")
	ann.is(focused, "text")
	skipIfSlow(t, begin, 20*time.Second)
	ann.sees(".line", "Bo joined") // and nobody left
}

// Somebody who mistyped the name, before the server could be reached, corrects it. A
// proxy that serves the pages, but lets no websocket through, is suspected.
func TestDoorWithoutConnection(t *testing.T) {
	n, ann := program(t, "example"), newWindow(t, "ERR_", "400")
	ann.goTo(n.room("Garden"))
	ann.until(focused + ` === "name"`)
	n.ctrlC()
	ann.enters("name", "Anm")
	ann.sees("#state", "The server does not answer.")
	ann.run(`document.getElementById("name").focus()`)
	ann.enters("name", "Ann")
	start(t, "example", n.address)
	ann.sees("#people p", "Ann (you)")
	ann.sees(".line")

	pages := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: n.address})
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Upgrade")
		pages.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	ann.goTo(proxy.URL + "/room/?room=garden")
	ann.enters("name", "Ann")
	ann.sees("#state", "The server answers, but websockets do not get through. Is it a proxy?")
}

// skipIfSlow skips the rest of a test if the machine was so slow that pages rightly show
// that somebody left: they wait for a time first.
func skipIfSlow(t *testing.T, begin time.Time, wait time.Duration) {
	if took := time.Since(begin); took > wait {
		t.Skipf("took %v, and pages wait only %v for somebody who left", took, wait)
	}
}

// Two windows of one browser are the same person, if the name is the same; others cannot
// have it meanwhile. Two people of one name, at different times, look different.
func TestSamePersonAndNamesakes(t *testing.T) {
	n := program(t, "example")
	bo, ann, second := n.enter("Bo"), n.enter("Ann"), newWindow(t)
	second.goTo(n.room("Garden"))
	second.enters("name", "ann")
	second.sees("#name-error", "That name is taken by someone in this room.")
	second.until(focused + ` === "name" && document.activeElement.ariaInvalid === "true"`)
	key := ann.text(`localStorage.getItem("key")`)
	second.run(fmt.Sprintf(`localStorage.setItem("key", %q)`, key))
	second.enter(n.room("Garden"), "Ann")
	ann.say("from the first")
	second.sees(".mine .text", "from the first")
	ann.goTo("about:blank")
	second.goTo("about:blank")
	bo.sees("#people p", "Bo (you)")
	n.guest("Garden", "Ann").say("from another")
	bo.sees(".text", "from the first", "from another")
	bo.sees(".who .another", "another")
	bo.sees("#people p", "Bo (you)", "Ann another")
	bo.is(`new Set([...document.querySelectorAll("article")].map(
		e => e.style.getPropertyValue("--hue"))).size`, 2)
}

// Who reloads the page has not left. Many who come, and go, are one line.
func TestComingAndGoing(t *testing.T) {
	n := program(t, "example")
	ann, bo := n.enter("Ann"), n.enter("Bo")
	ann.sees(".line", "Bo joined")
	ann.say("stay") // what comes after it would be another line
	bo.sees(".text", "stay")
	begin := time.Now()
	bo.do(chromedp.Reload())
	bo.sees("#people p", "Bo (you)", "Ann")
	skipIfSlow(t, begin, 5*time.Second)
	bo.run(`window.all = Array.from({length: 50}, (_, i) => new WebSocket(
		"/socket?room=Garden&name=Guest+" + i + "&key=" + i))`)
	ann.sees("#who", "52 here")
	const only = `document.querySelectorAll(".line").length === 2 &&
		/^Guest \d+, Guest \d+, Guest \d+ and 47 others `
	const end = `$/.test([...document.querySelectorAll(".line")].at(-1).textContent)`
	ann.until(only + `joined` + end)
	bo.run(`all.forEach(socket => socket.close())`)
	ann.sees("#who", "2 here")
	ann.until(only + `left` + end)
}
