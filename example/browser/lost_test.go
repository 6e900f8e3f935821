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
	n := startNode(t, "0")
	both := enter(t, n.address, "Ann", "Bo")
	ann, bo := both[0], both[1]
	ann.say("before")
	bo.sees(".text", "before")
	if err := n.ctrlC(); err != nil {
		t.Error(err)
	}
	for _, w := range both {
		w.until("the loss shows", lost)
	}
	ann.say("meanwhile")
	ann.say("and more")
	ann.sees(".mine .mark", "delivered", "waiting", "waiting")
	ann.until("the seconds count", `window.first ??= document.getElementById("wait").textContent,
		/^Trying again in \d+ s.$/.test(first) &&
			first !== document.getElementById("wait").textContent`)
	startNode(t, portOf(n.address))
	ann.until("the button is there", lost+` && !document.getElementById("retry").disabled || `+back)
	ann.run(`document.getElementById("retry").click()`)
	for _, w := range both {
		w.sees(".text", "before", "meanwhile", "and more")
		w.until("the page is back", back)
		w.until("all are back", `document.querySelectorAll("#people p").length === 2`)
	}
	ann.sees(".mine .mark", "delivered", "delivered", "delivered")
	ann.sees(".line", "Bo joined") // and nobody left
	ann.is(focused, "text")
}

func TestNothingTwiceAndNothingMissingAfterALoss(t *testing.T) {
	needBrowser(t)
	g := newGate(t, address(t))
	ann, bo := enter(t, g.address, "Ann")[0], enter(t, address(t), "Bo")[0]
	bo.say("one")
	ann.sees(".text", "one")
	g.lead("")
	g.cut()
	ann.until("the loss shows", lost)
	bo.sees("#people p", "Bo (you)")
	bo.say("two")
	bo.say("three")
	ann.say("four, typed while away")
	g.lead(address(t))
	want := []string{"one", "two", "three", "four, typed while away"}
	ann.sees(".text", want...)
	bo.sees(".text", want...)
	bo.sees("#people p", "Bo (you)", "Ann")
}

// Somebody who mistyped the name, before the server could be reached, corrects it.
func TestNameIsCorrectedWhileConnecting(t *testing.T) {
	needBrowser(t)
	g := newGate(t, address(t))
	ann := newWindow(t, "ERR_")
	ann.goTo(roomURL(g.address, roomOf(t)))
	ann.until("the name has the focus", focused+` === "name"`)
	g.lead("")
	g.cut()
	ann.enters("name", "Anm")
	ann.sees("#state", "The server does not answer.")
	ann.run(`document.getElementById("name").focus()`)
	ann.enters("name", "Ann")
	g.lead(address(t))
	ann.sees("#people p", "Ann (you)")
	ann.sees(".line")
}

// A proxy that serves the pages, but lets no websocket through, is suspected.
func TestProxyWithoutWebsockets(t *testing.T) {
	needBrowser(t)
	pages := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address(t)})
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Upgrade")
		pages.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	ann := newWindow(t, "400")
	ann.goTo(proxy.URL + "/room/?room=garden")
	ann.enters("name", "Ann")
	ann.sees("#state", "The server answers, but websockets do not get through. Is it a proxy?")
}

// Two windows of one browser are the same person, if the name is the same. Two people of
// one name, at different times, look different.
func TestSamePersonAndNamesakes(t *testing.T) {
	needBrowser(t)
	both := enter(t, address(t), "Bo", "Ann")
	bo, ann := both[0], both[1]
	second := newWindow(t)
	second.goTo("http://" + address(t) + "/")
	second.run(`localStorage.setItem("key", "` + eval[string](ann, `localStorage.getItem("key")`) + `")`)
	second.enter(address(t), roomOf(t), "Ann")
	ann.say("from the first")
	second.sees(".mine .text", "from the first")
	ann.close()
	second.close()
	bo.sees("#people p", "Bo (you)")
	other := enter(t, address(t), "Ann")[0]
	other.say("from another")
	bo.sees(".text", "from the first", "from another")
	bo.sees(".who .another", "another")
	bo.sees("#people p", "Bo (you)", "Ann another")
	bo.is(`new Set([...document.querySelectorAll("article")].map(
		e => e.style.getPropertyValue("--hue"))).size`, "2")
}

// Who reloads the page has not left. Many who come, and go, are one line.
func TestComingAndGoing(t *testing.T) {
	needBrowser(t)
	both := enter(t, address(t), "Ann", "Bo")
	ann, bo := both[0], both[1]
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
	ann.until("they are one line", only+`joined`+end)
	bo.run(`all.forEach(socket => socket.close())`)
	ann.sees("#who", "2 here")
	ann.until("they are one line", only+`left`+end)
}

// The lobby shows rooms as they open and close, the liveliest first.
func TestLobbyIsLive(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	lobby, ann, bo, cleo := newWindow(t), newWindow(t), newWindow(t), newWindow(t)
	lobby.goTo("http://" + n.address)
	lobby.until("it proposes a room", `document.querySelector("#none a").checkVisibility()`)
	ann.enter(n.address, "garden", "Ann")
	bo.enter(n.address, "cellar", "Bo")
	cleo.enter(n.address, "cellar", "Cleo")
	lobby.sees("#rooms li", "cellarquiet2 here", "gardenquiet1 here")
	lobby.until("it proposes none", `!document.querySelector("#none a").checkVisibility()`)
	ann.say("hello?")
	lobby.sees("#rooms li", "gardentalking now1 here", "cellarquiet2 here")
	bo.close()
	cleo.close()
	lobby.sees("#rooms bdi", "garden")
}
