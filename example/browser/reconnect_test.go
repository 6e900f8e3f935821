package browser

import (
	"testing"

	"github.com/chromedp/cdproto/page"
)

// refused is what the browser itself says of a server that is not there.
const refused = "WebSocket connection to"

const (
	lost = `document.getElementById("state").dataset.is === "lost"`
	back = `document.getElementById("state").textContent === ""`
)

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
		w.until("the page is back", back)
		w.until("all are back", `document.querySelectorAll("#people p").length === 2`)
	}
	ann.sees(".mine .mark", "delivered", "delivered")
	bo.say("after")
	ann.sees(".text", "before", "meanwhile", "after")
	const away = "The connection is lost. What you send now is kept until it is back."
	ann.sees(".line", "Bo joined", away, "The connection is back.") // and nobody left
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
	bo.sees("#people p", "Bo (you)")
	bo.say("two")
	bo.say("three")
	ann.say("four, typed while away")
	g.lead(n.address)
	want := []string{"one", "two", "three", "four, typed while away"}
	ann.sees(".text", want...)
	bo.sees(".text", want...)
	bo.sees("#people p", "Bo (you)", "Ann")
	if got := eval[string](ann, `document.activeElement.id`); got != "text" {
		t.Errorf("the focus is on %q, want it left where it was", got)
	}
}

// Two windows of one browser are the same person, if the name is the same.
func TestSamePersonInTwoWindows(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	first, second := newWindow(t), newWindow(t)
	first.enter(n.address, "garden", "Ann")
	second.goTo("http://" + n.address + "/")
	key := eval[string](first, `localStorage.getItem("key")`)
	eval[string](second, `localStorage.setItem("key", "`+key+`"); ""`)
	second.enter(n.address, "garden", "Ann")
	for _, w := range []*window{first, second} {
		w.sees("#people p", "Ann (you)")
	}
	first.say("from the first")
	second.sees(".mine .text", "from the first")
	second.say("from the second")
	first.sees(".mine .text", "from the first", "from the second")
}

func TestOfflineIsNoticed(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann := newWindow(t, refused)
	ann.enter(n.address, "garden", "Ann")
	eval[bool](ann, `dispatchEvent(new Event("offline"))`)
	ann.until("the loss shows", lost)
	ann.until("the page is back", back)
}

func TestSilentServerIsNoticed(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	g := newGate(t, n.address)
	ann := newWindow(t, refused)
	// The page's long waits, made short.
	call(ann, page.Enable, page.EnableParams{})
	call(ann, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `const real = setTimeout;
			window.setTimeout = (f, ms) => real(f, ms < 10000 ? ms : ms / 5)`,
	})
	ann.enter(g.address, "garden", "Ann")
	g.freeze()
	ann.until("the loss shows", lost)
	g.lead(n.address)
	ann.until("the page is back", back)
	ann.sees("#people p", "Ann (you)")
}
