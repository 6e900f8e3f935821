package browser

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestMarkupStaysText(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	const room, name = `<i>a&b</i>`, `<b>Bo</b> & "Co"`
	const text = `<img src=x onerror="document.title='broken'">`
	ann, bo := newWindow(t), newWindow(t)
	ann.enter(n.address, room, "Ann")
	bo.enter(n.address, room, name)
	ann.sees("#people bdi", "Ann", name)
	bo.say(text)
	for _, w := range []*window{ann, bo} {
		w.sees(".text", text)
		w.sees("article .who bdi", name)
		w.sees("h1", room)
		if n := eval[int](w, `document.querySelectorAll("main img, main b, h1 i").length`); n != 0 {
			t.Errorf("%d elements were made of text", n)
		}
	}
	if got, want := eval[string](bo, `document.title`), room+" – Chat"; got != want {
		t.Errorf("title = %q, want %q", got, want)
	}
	lobby := newWindow(t)
	lobby.goTo("http://" + n.address)
	lobby.sees("#rooms bdi", room)
}

func TestRules(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann, bo := newWindow(t), newWindow(t)
	ann.enter(n.address, "garden", "Ann")

	bo.goTo("http://" + n.address)
	bo.enters("room", "garden")
	bo.sees("h1", "garden")
	for _, tt := range []struct{ name, want string }{
		{"", "Please type a name."},
		{strings.Repeat("B", 25), "That name is too long: 24 characters are the most."},
		{"ann", "That name is taken by someone in this room."},
	} {
		bo.join(tt.name)
		bo.sees("#name-error", tt.want)
		bo.until("the field is marked and has the focus",
			`document.activeElement?.id === "name" && document.activeElement.ariaInvalid === "true"`)
	}
	bo.join("Bo")
	bo.until("the message has the focus", `document.activeElement?.id === "text"`)
	bo.sees("#name-error", "")

	bo.say(" ")
	bo.sees("#text-error", "There is nothing to send yet.")
	eval[string](bo, `document.getElementById("text").value = "x".repeat(1001)`)
	bo.do(chromedp.KeyEvent("\r"))
	bo.sees("#text-error", "A message has 1 to 1000 characters.")
	bo.until("the text can be mended", `document.getElementById("text").value.length === 1001`)
	bo.sees(".text")
	eval[string](bo, `document.getElementById("text").value = "🙂".repeat(1000)`)
	bo.do(chromedp.KeyEvent("\r"))
	bo.sees("#text-error", "")
	ann.sees(".text", strings.Repeat("🙂", 1000))
}

func TestKeyboardAlone(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann := newWindow(t)
	ann.goTo("http://" + n.address)
	ann.until("the room's name has the focus", `document.activeElement?.id === "room"`)
	ann.do(chromedp.KeyEvent("garden\r"))
	ann.until("the person's name has the focus", `document.activeElement?.id === "name"`)
	ann.do(chromedp.KeyEvent("Ann\r"))
	ann.until("the message has the focus", `document.activeElement?.id === "text"`)
	ann.do(chromedp.KeyEvent("typed\r"))
	ann.sees(".mine .mark", "delivered")

	var stops []string
	for range 5 {
		ann.do(chromedp.KeyEvent(kb.Tab))
		stops = append(stops, eval[string](ann,
			`document.activeElement.id || document.activeElement.textContent.trim()`))
		outline := eval[string](ann, `getComputedStyle(document.activeElement).outlineStyle`)
		if len(stops) != 2 && outline == "none" {
			t.Errorf("the focus on %q cannot be seen", stops[len(stops)-1])
		}
	}
	// The page ends after the button; the browser goes on at its begin.
	got := strings.Join(stops, ",")
	if !strings.HasPrefix(got, "Send,") || !strings.HasSuffix(got, "‹ Rooms,log,people") {
		t.Errorf("Tab leads to %s", got)
	}
}

func roomURL(address, room string) string {
	return "http://" + address + "/room/?room=" + url.QueryEscape(room)
}
