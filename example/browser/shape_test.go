package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// Nothing has to be moved sideways on the narrowest screens, and there is room for
// messages, also where a page is magnified four times (320 by 256).
func TestSmallScreens(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	longRoom, longName := strings.Repeat("w", 40), strings.Repeat("W", 24)
	others, ann := newWindow(t), newWindow(t)
	others.enter(n.address, longRoom, longName)
	ann.goTo("http://" + n.address)
	ann.sees("#rooms bdi", longRoom)
	screens := []struct{ width, height int64 }{
		{280, 653}, {320, 256}, {320, 568}, {344, 882}, {360, 640}, {1280, 720},
	}
	for _, s := range screens {
		ann.size(s.width, s.height)
		ann.narrow("the lobby")
	}
	ann.goTo(roomURL(n.address, longRoom))
	ann.join("")
	ann.sees("#name-error", "Please type a name.")
	for _, s := range screens {
		ann.size(s.width, s.height)
		ann.narrow("the door")
	}
	ann.join(strings.Repeat("M", 24))
	others.say(strings.Repeat("w", 500))
	ann.sees(".text", strings.Repeat("w", 500))
	ann.say("words of the usual length in a line that has to be broken somewhere")
	ann.sees(".mine .mark", "delivered")
	for _, s := range screens {
		ann.size(s.width, s.height)
		ann.narrow("the room")
		ann.until("there is room for messages", fmt.Sprintf(
			`document.getElementById("log").clientHeight > %d`, min(s.height/3, 300)))
		ann.until("the end is in sight", atEnd)
		ann.until("the form is in sight",
			`document.getElementById("say").getBoundingClientRect().bottom <= innerHeight`)
	}
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

// On a small screen the people are behind a button.
func TestPeopleFold(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann := newWindow(t)
	ann.size(360, 640)
	ann.enter(n.address, "garden", "Ann")
	const shown = `document.getElementById("people").checkVisibility()`
	ann.sees("#who", "1 here")
	ann.until("the people are folded", "!"+shown)
	ann.do(chromedp.Click("#who"))
	ann.until("the people are shown", shown)
	ann.narrow("the list")
	ann.do(chromedp.Click("#who"))
	ann.until("the people are folded", "!"+shown)
	ann.size(1000, 640)
	ann.until("the people have a place of their own", shown)
}

// Marks that are piled up do not reach into other messages.
func TestPiledMarks(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann := newWindow(t)
	ann.enter(n.address, "garden", "Ann")
	ann.say("above")
	ann.say("Z" + strings.Repeat("\u0351\u0316", 200))
	ann.say("below")
	ann.sees(".mark", "delivered", "delivered", "delivered")
	if got := ann.texts(".text"); len(got) != 3 {
		t.Fatalf("texts = %d, want 3", len(got))
	}
	clipped := eval[[]string](ann,
		`Array.from(document.querySelectorAll(".text"), e => getComputedStyle(e).overflowY)`)
	for _, overflow := range clipped {
		if overflow != "clip" {
			t.Errorf("overflow = %s, want clip", overflow)
		}
	}
	const height = `document.querySelectorAll(".text")[1].getBoundingClientRect().height`
	if got := eval[float64](ann, height); got > 60 {
		t.Errorf("the message is %v high, want one line", got)
	}
}
