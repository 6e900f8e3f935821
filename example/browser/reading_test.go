package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// fill has the window's room show many messages, one after the other.
func fill(w *window, from, to int) {
	w.tb.Helper()
	eval[bool](w, fmt.Sprintf(`{
		const form = document.getElementById("say"), text = document.getElementById("text");
		for (let i = %d; i < %d; i++) { text.value = "message " + i; form.requestSubmit(); }
	} true`, from, to))
	w.until("all was delivered", `!document.querySelector(".sending")`)
}

// Who reads further up is told of what is new, and keeps the place.
func TestNewMessagesWhileReading(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann, bo := newWindow(t), newWindow(t)
	ann.size(800, 400)
	ann.enter(n.address, "garden", "Ann")
	bo.enter(n.address, "garden", "Bo")
	fill(bo, 0, 30)
	ann.until("all are there, and the end is in sight",
		`document.querySelectorAll(".message").length === 30 && `+atEnd)
	eval[bool](ann, `document.getElementById("log").scrollTop = 100; true`)
	ann.until("the page has noticed", `document.getElementById("log").scrollTop === 100`)
	const place = `document.querySelectorAll(".message")[5].getBoundingClientRect().top`
	before := eval[float64](ann, place)
	bo.say("one more")
	ann.sees("#newer", "1 new message ↓")
	bo.say("and another")
	ann.sees("#newer", "2 new messages ↓")
	ann.sees(".unread", "New")
	ann.until("the line is above the first", `document.querySelector(".unread").nextSibling
		.querySelector(".text").textContent === "one more"`)
	if after := eval[float64](ann, place); after != before {
		t.Errorf("the text has moved from %v to %v", before, after)
	}
	if got := eval[string](ann, `document.title`); got != "(2) garden – Chat" {
		t.Errorf("title = %q, want (2) garden – Chat", got)
	}
	ann.do(chromedp.Click("#newer"))
	ann.until("the end is in sight", atEnd)
	ann.until("all is read", `document.getElementById("newer").hidden &&
		document.title === "garden – Chat"`)
}

// A tab in the background counts in its title.
func TestTitleInTheBackground(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann, bo := newWindow(t), newWindow(t)
	ann.enter(n.address, "garden", "Ann")
	bo.enter(n.address, "garden", "Bo")
	eval[bool](ann, `Object.defineProperty(document, "hidden", {value: true, configurable: true})
		&& document.dispatchEvent(new Event("visibilitychange"))`)
	bo.say("one")
	ann.until("the title says so", `document.title === "(1) garden – Chat"`)
	bo.say("two")
	ann.until("the title says so", `document.title === "(2) garden – Chat"`)
	eval[bool](ann, `delete document.hidden
		&& document.dispatchEvent(new Event("visibilitychange"))`)
	ann.until("all is read", `document.title === "garden – Chat"`)
	ann.sees(".unread", "New")
}

// After many messages the oldest go, but not under the eyes of somebody who reads them.
func TestOldMessagesStayWhileRead(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann := newWindow(t)
	ann.size(800, 400)
	ann.enter(n.address, "garden", "Ann")
	const show = `import("/log.js").then(({Log}) => {
		const box = document.getElementById("log");
		window.reader = {follows: true, came() {}, settle() {}, toEnd() {}};
		window.log = new Log(box, reader);
		window.show = (from, to) => {
			for (let i = from; i < to; i++) log.said({id: "x-" + i, time: Date.now(),
				from: {id: "x", name: "X"}, text: "message " + i}, null, false);
		};
		show(0, 600);
	})`
	eval[bool](ann, show+`; true`)
	ann.until("the oldest are gone", `document.getElementById("log").childElementCount === 500`)
	eval[bool](ann, `reader.follows = false; show(600, 700); true`)
	ann.until("none has gone", `document.getElementById("log").childElementCount === 600`)
}

// Messages of one person in a row have one name and one time.
func TestGroups(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann, bo := newWindow(t), newWindow(t)
	ann.enter(n.address, "garden", "Ann")
	bo.enter(n.address, "garden", "Bo")
	for _, line := range []struct {
		who  *window
		text string
	}{{bo, "one"}, {bo, "two"}, {ann, "three"}, {ann, "four"}, {bo, "five"}} {
		line.who.say(line.text)
		ann.until("it is there", `document.querySelector("#log").textContent.includes("`+line.text+`")`)
		bo.until("it is there", `document.querySelector("#log").textContent.includes("`+line.text+`")`)
		line.who.until("it is delivered", `!document.querySelector(".sending")`)
	}
	for _, w := range []*window{ann, bo} {
		w.sees(".message:not(.more) .text", "one", "three", "five")
		w.sees(".message.more .text", "two", "four")
		w.sees(".day", "Today")
		w.sees(".mark", w.texts(".mark")...)
	}
	if marks := ann.texts(".mark"); strings.Join(marks, ",") != "delivered,delivered" {
		t.Errorf("marks = %q, want two", marks)
	}
}

func TestLinksAndLines(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann, bo := newWindow(t), newWindow(t)
	ann.enter(n.address, "garden", "Ann")
	bo.enter(n.address, "garden", "Bo")
	const text = "see https://example.com/a?b=c#d, or (http://[broken)\n" +
		"  and then\njavascript:alert(1)"
	bo.paste(text)
	ann.sees(".text", text)
	ann.sees(".text a", "https://example.com/a?b=c#d")
	got := eval[string](ann, `(a => a.href + " " + a.rel + " " + a.target)(
		document.querySelector(".text a"))`)
	if want := "https://example.com/a?b=c#d noopener nofollow _blank"; got != want {
		t.Errorf("link = %s, want %s", got, want)
	}
	ann.until("the lines are lines", `document.querySelector(".text").clientHeight > 60`)
}
