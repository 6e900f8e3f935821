package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// refused is what the browser itself says of a server that is not there.
const refused = "WebSocket connection to"

const lost = `document.getElementById("state").dataset.is === "lost"`

func TestServerIsStoppedAndStarted(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann, bo := newWindow(t, refused), newWindow(t, refused)
	ann.enter(n.address, "garden", "Ann")
	bo.enter(n.address, "garden", "Bo")
	ann.say("before")
	bo.sees(".text", "before")
	n.ctrlC()
	ann.until("the loss shows", lost)
	bo.until("the loss shows", lost)
	ann.say("meanwhile")
	ann.sees(".mine .mark", "delivered", "sending")
	startNode(t, n.port())
	for _, w := range []*window{ann, bo} {
		w.sees(".text", "before", "meanwhile")
		w.until("the page is back", `document.getElementById("state").textContent === "Connected"`)
		w.until("all are back", `document.querySelectorAll("#people li").length === 2`)
	}
	ann.sees(".mine .mark", "delivered", "delivered")
	bo.say("after")
	ann.sees(".text", "before", "meanwhile", "after")
	if lines := strings.Join(ann.texts(".line"), "; "); strings.Contains(lines, "missing") || strings.Contains(lines, "left") {
		t.Errorf("lines = %s, want nobody to have left and nothing to be missing", lines)
	}
}

func TestNothingTwiceAndNothingMissingAfterALoss(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	g := newGate(t, n.address)
	ann, bo := newWindow(t, refused), newWindow(t)
	ann.enter(g.address, "garden", "Ann")
	bo.enter(n.address, "garden", "Bo")
	bo.say("one")
	ann.sees(".text", "one")
	g.lead("")
	g.cut()
	ann.until("the loss shows", lost)
	bo.sees(".line", "Ann left")
	bo.say("two")
	bo.say("three")
	ann.say("four, typed while away")
	g.lead(n.address)
	want := []string{"one", "two", "three", "four, typed while away"}
	ann.sees(".text", want...)
	bo.sees(".text", want...)
	bo.sees(".line", "Ann left", "Ann joined")
	if got := eval[string](ann, `document.activeElement.id`); got != "text" {
		t.Errorf("the focus is on %q, want it left where it was", got)
	}
}

func TestOneNodeOfTwoEnds(t *testing.T) {
	needBrowser(t)
	a := startNode(t, "0", "-nats", "embed:0")
	b := startNode(t, "0", "-nats", a.nats)
	g := newGate(t, b.address)
	ann, bo := newWindow(t, refused), newWindow(t)
	ann.enter(g.address, "garden", "Ann") // at node b
	bo.enter(a.address, "garden", "Bo")
	ann.sees("#people li", "Ann (you)", "Bo")
	bo.sees("#people li", "Ann", "Bo (you)")
	ann.say("hello from the other node")
	bo.sees(".text", "hello from the other node")

	taken := newWindow(t)
	taken.do(chromedp.Navigate("http://" + b.address + "/room?room=garden"))
	taken.join("bo")
	taken.sees("#name-error", "That name is taken by someone in this room. Please choose another.")

	g.lead("")
	b.ctrlC()
	ann.until("the loss shows", lost)
	bo.sees("#people li", "Bo (you)")
	bo.say("said while Ann had no node")
	g.lead(a.address)
	ann.sees(".text", "hello from the other node", "said while Ann had no node")
	bo.sees("#people li", "Ann", "Bo (you)")
	ann.say("back")
	bo.sees(".text", "hello from the other node", "said while Ann had no node", "back")
}

func TestReloadStaysInTheRoom(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann := newWindow(t)
	ann.enter(n.address, "garden", "Ann")
	ann.say("before")
	ann.sees(".mine .mark", "delivered")
	ann.do(chromedp.Reload())
	ann.sees(".text", "before")
	ann.sees(".mine .text", "before")
	ann.say("after")
	ann.sees(".text", "before", "after")
}

func TestSamePersonInTwoWindows(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	first, second := newWindow(t), newWindow(t)
	first.enter(n.address, "garden", "Ann")
	// What "duplicate tab" does: the session storage is copied.
	second.do(chromedp.Navigate("http://" + n.address + "/"))
	eval[string](second, `sessionStorage.setItem("key", `+eval[string](first, `JSON.stringify(sessionStorage.getItem("key"))`)+`); ""`)
	second.enter(n.address, "garden", "Ann")
	second.sees("#people li", "Ann (you)")
	first.sees("#name-error", "You are in this room in another window.")
	first.until("the door is open again", `!document.getElementById("door").hidden`)
}

func TestOfflineIsNoticed(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann := newWindow(t, refused)
	ann.enter(n.address, "garden", "Ann")
	eval[bool](ann, `dispatchEvent(new Event("offline"))`)
	ann.until("the loss shows", lost)
	ann.until("the page is back", `document.getElementById("state").textContent === "Connected"`)
}

func TestSilentServerIsNoticed(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	g := newGate(t, n.address)
	ann := newWindow(t, refused)
	// The page's long waits, made short.
	call(ann, page.Enable, page.EnableParams{})
	call(ann, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `const real = setTimeout; window.setTimeout = (f, ms) => real(f, ms < 10000 ? ms : ms / 20)`,
	})
	ann.enter(g.address, "garden", "Ann")
	g.freeze()
	ann.until("the loss shows", lost)
	g.lead(n.address)
	ann.until("the page is back", `document.getElementById("state").textContent === "Connected"`)
	ann.sees("#people li", "Ann (you)")
}
