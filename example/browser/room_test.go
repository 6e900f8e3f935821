package browser

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const focused = `document.activeElement?.id`

// room is the address of a room.
func (p *process) room(name string) string {
	return "http://" + p.address + "/room/?room=" + url.QueryEscape(name)
}

// enter opens a room and joins it.
func (w *window) enter(address, name string) {
	w.tb.Helper()
	w.goTo(address)
	w.enters("name", name)
	w.until(`!document.getElementById("inside").hidden`)
}

// enter opens a window of somebody in the room of most tests.
func (p *process) enter(name string) *window {
	p.tb.Helper()
	w := newWindow(p.tb)
	w.enter(p.room("Garden"), name)
	return w
}

// selects waits for a field, and selects what is in it.
func (w *window) selects(field string) {
	w.tb.Helper()
	w.until(fmt.Sprintf(`document.getElementById(%q)?.select() === undefined && %s === %[1]q`,
		field, focused))
}

// enters types into a field, in place of what is there, and presses Enter.
func (w *window) enters(field, text string) {
	w.tb.Helper()
	w.selects(field)
	if text == "" {
		text = kb.Delete
	}
	w.keys(text + "\r")
}

func (w *window) say(text string) { w.tb.Helper(); w.enters("text", text) }

// fill puts a text into the message, as pasting does.
func (w *window) fill(text string) {
	w.tb.Helper()
	w.selects("text")
	call(w, input.InsertText, input.InsertTextParams{Text: text})
}

func TestTextStaysText(t *testing.T) {
	n := program(t, "example")
	const room, name = `<i>a&b</i>`, `<b>Bo</b> & "Co"`
	const text = `<img src=x onerror="document.title='broken'"> ` +
		"see https://example.com/a?b=c#d, or (http://[broken) or " +
		"(https://example.com/a_(b)) or _https://example.com/c_ or https://example.com/d_\n" +
		"  and then\njavascript:alert(1)"
	ann, bo := newWindow(t), newWindow(t)
	ann.enter(n.room(room), "Ann")
	bo.enter(n.room(room), name)
	ann.sees("#people bdi", "Ann", name)
	bo.fill(text)
	bo.keys("\r")
	for _, w := range []*window{ann, bo} {
		w.sees(".text", text)
		w.sees("article .who bdi", name)
		w.sees("h1", room)
		w.is(`document.querySelectorAll("main img, main b, h1 i").length`, 0)
		w.sees(".text a", "https://example.com/a?b=c#d", "https://example.com/a_(b)",
			"https://example.com/c", "https://example.com/d_")
	}
	ann.is(`(a => a.href + " " + a.rel + " " + a.target)(document.querySelector(".text a"))`,
		"https://example.com/a?b=c#d noopener nofollow _blank")
	ann.until(`document.querySelector(".text").clientHeight > 60`)
	bo.is(`document.title`, room+" – Chat")
	bo.goTo("http://" + n.address)
	bo.sees("#rooms bdi", room)
}

// What is refused after one typed on is a draft of its own, also on a new page.
func TestDrafts(t *testing.T) {
	n := program(t, "example")
	w := n.enter("Ann")
	n.ctrlC()
	w.until(lost)
	w.say("refused")
	w.say("waits")
	w.do(chromedp.SendKeys("#text", "half a"))
	w.run(`sessionStorage.setItem("kept Garden", sessionStorage.getItem("kept Garden")
		.replace('"refused"', JSON.stringify("r".repeat(1001))))`) // as of another version
	w.goTo("about:blank")
	start(t, "example", n.address)
	w.goTo(n.room("Garden"))
	w.sees(".mark", "delivered", "not sent: a message has 1 to 1000 characters Edit")
	w.sees(".text", "waits", strings.Repeat("r", 1001))
	w.is(`document.getElementById("text").value`, "half a")
	w.click(".mark button")
	w.is(`document.getElementById("text").value.length`, 1001)
	w.until(`document.querySelector(".mark button").closest("article")
		.querySelector(".text").textContent === "half a"`) // the other text is the draft
}

// The keyboard alone is enough, and shows where it is; a finger does not see that.
func TestKeyboardAlone(t *testing.T) {
	n, w := program(t, "example"), newWindow(t)
	// The page ends after "send". The browser, which goes on at its begin, may keep the focus.
	call(w, emulation.SetFocusEmulationEnabled,
		emulation.SetFocusEmulationEnabledParams{Enabled: true})
	w.goTo("http://" + n.address)
	w.until(focused + ` === "room"`)
	w.keys("Garden\r")
	w.until(focused + ` === "name"`)
	w.keys("Ann\r")
	w.until(focused + ` === "text"`)
	const ring = `getComputedStyle(document.activeElement).outlineWidth === `
	w.until(ring + `"0px"`)
	w.keys("typed\r")
	w.sees(".mine .mark", "delivered")
	for _, stop := range []string{"send", "", "‹ Rooms", "log", "people", "text"} {
		w.keys(kb.Tab)
		if stop != "" {
			w.is(`document.activeElement.id || document.activeElement.textContent.trim()`, stop)
			w.until(ring + `"2px"`)
		}
	}
}

// Without cookies the page works, and forgets.
func TestCookiesBlocked(t *testing.T) {
	n, w := program(t, "example"), newWindow(t)
	call(w, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `for (const name of ["localStorage", "sessionStorage"]) {
			Object.defineProperty(window, name, {get() { throw new DOMException("blocked"); }});
		}`,
	})
	w.enter(n.room("Garden"), "Ann")
	w.say("hello")
	w.sees(".mark", "delivered")
	w.do(chromedp.Reload())
	w.enters("name", "Ann")
	w.sees(".text", "hello")
}
