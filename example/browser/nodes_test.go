package browser

import (
	"net/url"
	"strings"
	"testing"
)

// Two nodes, in all that can happen to them: one is killed, NATS is restarted, the network
// is cut and heals. Afterwards both show the same people, and the same messages in the same
// order; and whatever was delivered is there.
func TestTwoNodes(t *testing.T) {
	needBrowser(t)
	files := t.TempDir()
	hub := startNode(t, "0", "-nats", "embed:-1", "-files", files) // for its NATS server
	nats := hub.nats
	cable := newGate(t, strings.TrimPrefix(nats, "nats://"))
	a := startNode(t, "0", "-nats", nats)
	b := startNode(t, "0", "-nats", "nats://"+cable.address)
	address := newGate(t, b.address)
	ann, bo := newWindow(t), newWindow(t, refused)
	ann.enter(a.address, "garden", "Ann")
	bo.enter(address.address, "garden", "Bo")
	both := func(texts ...string) {
		t.Helper()
		for _, w := range []*window{ann, bo} {
			w.sees(".text", texts...)
			w.until("all was delivered", `!document.querySelector(".sending")`)
			w.until("two people are here", `document.querySelectorAll("#people li").length === 2`)
		}
	}
	ann.sees("#people p", "Ann (you)", "Bo")
	ann.say("one")
	bo.sees(".text", "one")
	bo.say("two")
	both("one", "two")

	taken := newWindow(t)
	taken.enterRefused(b.address, "garden", "ann")

	address.lead("")
	b.kill()
	address.cut()
	bo.until("the loss shows", lost)
	bo.say("three, typed without a node")
	ann.sees("#people p", "Ann (you)")
	ann.say("four, when Bo was away")
	ann.until("it was delivered", `!document.querySelector(".sending")`)
	b = startNode(t, "0", "-nats", "nats://"+cable.address)
	address.lead(b.address)
	both("one", "two", "four, when Bo was away", "three, typed without a node")

	hub.ctrlC()
	ann.say("five, without NATS")
	port := mustParse(t, nats).Port()
	startNode(t, "0", "-nats", "embed:"+port, "-files", files)
	both("one", "two", "four, when Bo was away", "three, typed without a node",
		"five, without NATS")

	cable.lead("")
	cable.cut()
	bo.say("six, cut off")
	ann.say("seven, on the other side")
	ann.until("it was delivered", `!document.querySelector(".sending")`)
	cable.lead(strings.TrimPrefix(nats, "nats://"))
	both("one", "two", "four, when Bo was away", "three, typed without a node",
		"five, without NATS", "seven, on the other side", "six, cut off")

	// Cut off for longer, Bo is given up there, and somebody takes the name. But Bo was first.
	cable.lead("")
	cable.cut()
	ann.sees("#people p", "Ann (you)")
	other := newWindow(t, refused)
	other.enter(a.address, "garden", "Bo")
	cable.lead(strings.TrimPrefix(nats, "nats://"))
	other.until("it has another name", `document.querySelector("#people").textContent
		.includes("Bo 2 (you)")`)
	other.say("and stays")
	for _, w := range []*window{ann, bo, other} {
		w.until("it is heard", `document.querySelector("#log").textContent.includes("and stays")`)
		w.until("three people are here", `document.querySelectorAll("#people li").length === 3`)
	}
}

// enterRefused proves that a name cannot be had.
func (w *window) enterRefused(address, room, name string) {
	w.tb.Helper()
	w.goTo(roomURL(address, room))
	w.join(name)
	w.sees("#name-error", "That name is taken by someone in this room.")
}

func mustParse(tb testing.TB, raw string) *url.URL {
	tb.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		tb.Fatal(err)
	}
	return u
}
