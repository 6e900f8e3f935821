package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// Who reads further up, or has another page in front, is told of what is new, and keeps the
// place.
func TestNewMessagesWhileReading(t *testing.T) {
	needBrowser(t)
	both := enter(t, address(t), "Ann", "Bo")
	ann, bo := both[0], both[1]
	title := roomOf(t) + " – Chat"
	ann.size(800, 400)
	bo.run(`Array.from({length: 18}, (_, i) => {
		document.getElementById("text").value = "message " + i;
		document.getElementById("say").requestSubmit();
	})`)
	ann.until("all are there, and the end is in sight",
		`document.querySelectorAll(".message").length === 18 && `+atEnd)
	ann.run(`document.getElementById("log").scrollTop = 50`)
	ann.until("the page has noticed", `document.getElementById("log").scrollTop === 50`)
	const place = `document.querySelectorAll(".message")[5].getBoundingClientRect().top`
	before := eval[float64](ann, place)
	bo.say("one more")
	ann.sees("#newer", "1 new message ↓")
	bo.say("and another")
	ann.sees("#newer", "2 new messages ↓")
	ann.sees(".unread", "New")
	ann.is(`document.querySelector(".unread").nextSibling.querySelector(".text").textContent`,
		"one more")
	ann.is(place, fmt.Sprint(before))
	ann.is(`document.title`, "(2) "+title)
	ann.do(chromedp.Click("#newer"))
	ann.until("all is read", `document.getElementById("newer").hidden && `+atEnd)
	ann.is(`document.title`, title)

	ann.run(`(Object.defineProperty(document, "hidden", {value: true, configurable: true}),
		document.dispatchEvent(new Event("visibilitychange")))`)
	bo.say("in the background")
	ann.until("the title says so", `document.title.startsWith("(1) ")`)
	ann.run(`(delete document.hidden, document.dispatchEvent(new Event("visibilitychange")))`)
	ann.is(`document.title`, title)
}

// Messages of one person in a row have one name and one time; after many, the oldest go, but
// not under the eyes of somebody who reads them.
func TestGroupsAndOldMessages(t *testing.T) {
	needBrowser(t)
	both := enter(t, address(t), "Ann", "Bo")
	ann, bo := both[0], both[1]
	for i, line := range []struct {
		who  *window
		text string
	}{{bo, "one"}, {bo, "two"}, {ann, "three"}, {ann, "four"}, {bo, "five"}} {
		line.who.say(line.text)
		for _, w := range both {
			w.until("it is there", fmt.Sprintf(`document.querySelectorAll(".message").length === %d
				&& !document.querySelector(".mine:not([data-is=delivered])")`, i+1))
		}
	}
	for _, w := range both {
		w.sees(".message:not(.more) .text", "one", "three", "five")
		w.sees(".message.more .text", "two", "four")
		w.sees(".day", "Today")
	}
	ann.run(`import("/log.js").then(({Log}) => {
		window.reader = {follows: true, came() {}, settle() {}, toEnd() {}};
		const log = new Log(document.getElementById("log"), reader);
		window.show = (from, to) => {
			for (let i = from; i < to; i++) log.said({id: "x-" + i, time: Date.now(),
				from: {id: "x", name: "X"}, text: "message " + i}, null, false);
		};
		show(0, 600);
	})`)
	const count = `document.getElementById("log").childElementCount`
	ann.until("the oldest are gone", count+` === 500`)
	ann.run(`(reader.follows = false, show(600, 700))`)
	ann.is(count, "600")
}

// Nothing has to be moved sideways on the narrowest screens, and there is room for
// messages, also where a page is magnified four times (320 by 256).
func TestSmallScreens(t *testing.T) {
	needBrowser(t)
	longRoom, longName := strings.Repeat("w", 40), strings.Repeat("W", 24)
	others, ann := newWindow(t), newWindow(t)
	others.enter(address(t), longRoom, longName)
	screens := []struct{ width, height int64 }{
		{280, 653}, {320, 256}, {344, 882}, {360, 640}, {1280, 720}, {1920, 1080},
	}
	narrow := func(what string) {
		t.Helper()
		for _, s := range screens {
			ann.size(s.width, s.height)
			ann.narrow(what)
		}
	}
	ann.goTo("http://" + address(t))
	ann.until("the room is there", `!!document.querySelector("#rooms bdi")`)
	narrow("the lobby")
	ann.goTo(roomURL(address(t), longRoom))
	ann.enters("name", "")
	ann.sees("#name-error", "Please type a name.")
	narrow("the door")
	ann.enters("name", strings.Repeat("M", 24))
	ann.until("the room invites", `document.getElementById("empty").checkVisibility()`)
	narrow("the empty room")
	others.say(strings.Repeat("w", 500))
	ann.sees(".text", strings.Repeat("w", 500))
	ann.say("words of the usual length in a line that has to be broken somewhere")
	ann.sees(".mine .mark", "delivered")
	for _, s := range screens {
		ann.size(s.width, s.height)
		ann.narrow("the room")
		ann.until("there is room for messages, the end and the form are in sight", fmt.Sprintf(
			`document.getElementById("log").clientHeight > %d && `+atEnd+` &&
			document.getElementById("say").getBoundingClientRect().bottom <= innerHeight`,
			min(s.height/3, 300)))
		ann.is(`Math.max(...[...document.querySelectorAll(".text, #say .row")].map(
			e => e.getBoundingClientRect().width)) <= 740`, "true")
	}
	others.say("Z" + strings.Repeat("\u0351\u0316", 200)) // piled marks stay in their message
	ann.until("it is there", `document.querySelectorAll(".text").length === 3`)
	ann.is(`getComputedStyle(document.querySelectorAll(".text")[2]).overflowY`, "clip")
	ann.is(`document.querySelectorAll(".text")[2].clientHeight < 60`, "true")
}

const atEnd = `(log => log.scrollHeight - log.scrollTop - log.clientHeight < 2)(
	document.getElementById("log"))`

// narrow proves that nothing is wider than the window.
func (w *window) narrow(what string) {
	w.tb.Helper()
	const wide = `Array.from(document.querySelectorAll("html, main, header, form, #log, #people"))
		.filter(e => e.scrollWidth > Math.max(e.clientWidth, 0) && e.clientWidth > 0)
		.map(e => (e.id || e.tagName) + " " + e.scrollWidth + " in " + innerWidth)`
	if found := eval[[]string](w, wide); len(found) > 0 {
		w.tb.Errorf("%s: too wide: %q", what, found)
	}
}

// On a small screen the people are behind a button, you first, and never over the field.
func TestPeopleFold(t *testing.T) {
	needBrowser(t)
	w := enter(t, address(t), "Cleo", "bo", "Ann")[0]
	w.sees("#people p", "Cleo (you)", "Ann", "bo")
	w.size(360, 200)
	const shown, who = `document.getElementById("people").checkVisibility()`, `"who"`
	for _, close := range []func(){
		func() { w.do(chromedp.Click("#close")) },
		func() { w.do(chromedp.KeyEvent("\u001b")) },
		func() { w.do(chromedp.Click("#who")) },
		func() { w.do(chromedp.Click("#log")) },
	} {
		w.is(shown, "false")
		w.do(chromedp.Click("#who"))
		w.is(shown, "true")
		w.is(focused, "close")
		w.narrow("the list")
		w.is(`document.getElementById("here").getBoundingClientRect().bottom <=
			document.getElementById("say").getBoundingClientRect().top`, "true")
		close()
	}
	w.is(shown, "false")
	w.size(1000, 640)
	w.is(shown, "true")
}
