package browser

import (
	"fmt"
	"strings"
	"testing"
)

const atEnd = `(log => log.scrollHeight - log.scrollTop - log.clientHeight < 2)(
	document.getElementById("log"))`

// Who reads further up, or has another page in front, is told of what is new, and keeps
// the place. After many messages the oldest go, but not while somebody reads them.
func TestNewMessagesWhileReading(t *testing.T) {
	n := program(t, "example")
	ann, bo := n.enter("Ann"), n.guest("Garden", "Bo")
	const title = "Garden – Chat"
	ann.size(800, 400)
	for i := range 18 {
		bo.say(fmt.Sprint("message ", i))
	}
	ann.until(`document.querySelectorAll(".message").length === 18 && ` + atEnd)
	ann.run(`document.getElementById("log").scrollTop = 50`)
	ann.until(`document.getElementById("log").scrollTop === 50`)
	const place = `document.querySelectorAll(".message")[5].getBoundingClientRect().top`
	before := ann.text(place)
	bo.say("one more")
	ann.sees("#newer", "1 new message ↓")
	bo.say("and another")
	ann.sees("#newer", "2 new messages ↓")
	ann.sees(".unread", "New")
	ann.is(`document.querySelector(".unread").nextSibling.querySelector(".text").textContent`,
		"one more")
	ann.is(place, before)
	ann.is(`document.title`, "(2) "+title)
	ann.click("#newer")
	ann.until(`document.getElementById("newer").hidden && ` + atEnd)
	ann.is(`document.title`, title)

	show := ann.hide()
	ann.until(`document.hidden`)
	bo.say("in the background")
	ann.until(`document.title.startsWith("(1) ")`)
	show()
	ann.until(fmt.Sprintf(`document.title === %q`, title))

	const count = `document.querySelectorAll("#log > *").length`
	ann.run(`import("/log.js").then(({Log}) => {
		window.reader = {follows: true, came() {}, settle() {}, toEnd() {}};
		const log = new Log(document.getElementById("log"), reader);
		window.show = n => { for (let i = 0; i < n; i++) log.said({id: Math.random(),
			time: Date.now(), from: {id: "x", name: "X"}, text: "message " + i}, null, false); };
		show(600);
	})`)
	ann.until(count + ` === 500`)
	ann.run(`(reader.follows = false, show(100))`)
	ann.is(count, 600)
}

// narrow proves that nothing is wider than the window.
func (w *window) narrow() {
	w.tb.Helper()
	w.is(`Array.from(document.querySelectorAll("html, main, header, form, #log, #people"))
		.filter(e => e.scrollWidth > e.clientWidth && e.clientWidth > 0)
		.map(e => (e.id || e.tagName) + " " + e.scrollWidth + " in " + innerWidth)`, "")
}

// Nothing has to be moved sideways on the narrowest screens, and there is room for
// messages, also where a page is magnified four times (320 by 256). There the people are
// behind a button, you first, and never over the field.
func TestSmallScreens(t *testing.T) {
	n, ann := program(t, "example"), newWindow(t)
	longRoom, longName := strings.Repeat("w", 40), strings.Repeat("W", 24)
	me := strings.Repeat("M", 24)
	others := n.guest(longRoom, longName)
	screens := []struct{ width, height int64 }{{280, 653}, {320, 256}, {1920, 1080}}
	narrow := func() {
		t.Helper()
		for _, s := range screens {
			ann.size(s.width, s.height)
			ann.narrow()
		}
	}
	ann.goTo("http://" + n.address)
	ann.until(`!!document.querySelector("#rooms bdi")`)
	narrow() // the lobby
	ann.goTo(n.room(longRoom))
	ann.enters("name", "")
	ann.sees("#name-error", "Please type a name.")
	narrow() // the door
	ann.enters("name", me)
	ann.until(`document.getElementById("empty").checkVisibility()`)
	narrow() // the empty room
	others.say(strings.Repeat("w", 500))
	ann.sees(".text", strings.Repeat("w", 500))
	ann.say("words of the usual length in a line that has to be broken somewhere")
	ann.sees(".mine .mark", "delivered")
	for _, s := range screens {
		ann.size(s.width, s.height)
		ann.narrow()
		ann.until(fmt.Sprintf(`document.getElementById("log").clientHeight > %d && `+atEnd+` &&
			document.getElementById("say").getBoundingClientRect().bottom <= innerHeight`,
			min(s.height/3, 300)))
		ann.is(`Math.max(...[...document.querySelectorAll(".text, #say .row")].map(
			e => e.getBoundingClientRect().width)) <= 740`, true)
	}
	others.say("Z" + strings.Repeat("\u0351\u0316", 200)) // piled marks stay in their message
	ann.until(`document.querySelectorAll(".text").length === 3`)
	ann.is(`getComputedStyle(document.querySelectorAll(".text")[2]).overflowY`, "clip")
	ann.is(`document.querySelectorAll(".text")[2].clientHeight < 60`, true)

	const shown = `document.getElementById("people").checkVisibility()`
	ann.is(shown, true)
	n.guest(longRoom, "bo")
	ann.sees("#people p", me+" (you)", "bo", longName) // you first
	ann.size(360, 200)
	for _, close := range []func(){
		func() { ann.click("#close") },
		func() { ann.keys("\u001b") },
		func() { ann.click("#who") },
		func() { ann.click("#text") },
	} {
		ann.is(shown, false)
		ann.click("#who")
		ann.is(shown, true)
		ann.is(focused, "close")
		ann.narrow()
		ann.is(`document.getElementById("here").getBoundingClientRect().bottom <=
			document.getElementById("say").getBoundingClientRect().top`, true)
		close()
	}
	ann.is(shown, false)
}
