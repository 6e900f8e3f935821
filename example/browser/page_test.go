package browser

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func roomURL(address, room string) string {
	return "http://" + address + "/room/?room=" + url.QueryEscape(room)
}

const focused = `document.activeElement?.id`

func TestMarkupStaysText(t *testing.T) {
	needBrowser(t)
	const room, name = `<i>a&b</i>`, `<b>Bo</b> & "Co"`
	const text = `<img src=x onerror="document.title='broken'">`
	ann, bo, lobby := newWindow(t), newWindow(t), newWindow(t)
	ann.enter(address(t), room, "Ann")
	bo.enter(address(t), room, name)
	ann.sees("#people bdi", "Ann", name)
	bo.say(text)
	for _, w := range []*window{ann, bo} {
		w.sees(".text", text)
		w.sees("article .who bdi", name)
		w.sees("h1", room)
		w.is(`document.querySelectorAll("main img, main b, h1 i").length`, "0")
	}
	bo.is(`document.title`, room+" – Chat")
	lobby.goTo("http://" + address(t))
	lobby.until("the lobby shows it", fmt.Sprintf(`[...document.querySelectorAll("#rooms bdi")]
		.some(e => e.textContent === %q)`, room))
}

// What a name or a room must not be is said about the name, or about the room.
func TestRefusedAtTheDoor(t *testing.T) {
	needBrowser(t)
	enter(t, address(t), "Ann")
	bo := newWindow(t)
	bo.goTo(roomURL(address(t), roomOf(t)))
	for _, tt := range []struct{ name, want string }{
		{"", "Please type a name."},
		{strings.Repeat("B", 25), "That name is too long: 24 characters are the most."},
		{"ann", "That name is taken by someone in this room."},
	} {
		bo.enters("name", tt.name)
		bo.sees("#name-error", tt.want)
		bo.until("the field is marked and has the focus",
			focused+` === "name" && document.activeElement.ariaInvalid === "true"`)
	}
	bo.enters("name", "Bo")
	bo.until("the message has the focus", focused+` === "text"`)
	bo.goTo("http://" + address(t) + "/room/")
	bo.sees("#nowhere-reason", "There is no such room: the address has no name of a room.")
	bo.goTo(roomURL(address(t), strings.Repeat("r", 41)))
	bo.enters("name", "Bo")
	bo.sees("#nowhere-reason",
		"There is no such room: that name is too long: 40 characters are the most.")
	bo.is(`[...document.querySelectorAll("#door, #inside")].every(e => e.hidden)`, "true")
}

// A text that is too long stays, and is counted. Send leaves the focus in the field.
func TestMessagesAreBounded(t *testing.T) {
	needBrowser(t)
	w := enter(t, address(t), "Ann")[0]
	w.say(" ")
	w.sees("#text-error", "There is nothing to send yet.")
	w.fill(strings.Repeat("🙂", 901))
	w.sees("#count", "99 characters left")
	w.fill(strings.Repeat("x", 1002))
	w.sees("#count", "2 characters too many")
	w.do(chromedp.Click("#send"))
	w.sees("#text-error", "A message has 1 to 1000 characters.")
	w.is(`document.getElementById("text").value.length`, "1002")
	w.fill(strings.Repeat("🙂", 1000))
	w.do(chromedp.Click("#send"))
	w.sees(".text", strings.Repeat("🙂", 1000))
	w.sees(".mark", "delivered")
	w.is(focused, "text")
	w.sees("#text-error", "")
	w.sees("#count", "")
}

// What is refused after one typed on is a draft of its own, also after a reload.
func TestDrafts(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	g := newGate(t, n.address)
	w := enter(t, g.address, "Ann")[0]
	w.say("sent")
	w.sees(".mark", "delivered")
	g.lead("")
	g.cut()
	w.until("the loss shows", lost)
	w.say("refused")
	w.say("waits")
	w.do(chromedp.SendKeys("#text", "half a"))
	key := fmt.Sprintf("kept %s", roomOf(t)) // too long for the server, as another version's
	w.run(fmt.Sprintf(`sessionStorage.setItem(%q, sessionStorage.getItem(%[1]q)
		.replace('"refused"', JSON.stringify("r".repeat(1001))))`, key))
	g.lead(n.address)
	w.do(chromedp.Reload())
	w.sees(".mark", "delivered", "delivered", "not sent: a message has 1 to 1000 characters Edit")
	w.sees(".text", "sent", "waits", strings.Repeat("r", 1001))
	w.is(`document.getElementById("text").value`, "half a")
	w.do(chromedp.Click(".mark button"))
	w.is(`document.getElementById("text").value.length`, "1001")
	w.until("the other text is the draft", `document.querySelector(".mark button")
		.closest("article").querySelector(".text").textContent === "half a"`)
}

func TestLinksAndLines(t *testing.T) {
	needBrowser(t)
	w := enter(t, address(t), "Ann")[0]
	const text = "see https://example.com/a?b=c#d, or (http://[broken) or " +
		"(https://example.com/a_(b)) or _https://example.com/c_ or https://example.com/d_\n" +
		"  and then\njavascript:alert(1)"
	w.fill(text)
	w.do(chromedp.KeyEvent("\r"))
	w.sees(".text", text)
	w.sees(".text a", "https://example.com/a?b=c#d", "https://example.com/a_(b)",
		"https://example.com/c", "https://example.com/d_")
	w.is(`(a => a.href + " " + a.rel + " " + a.target)(document.querySelector(".text a"))`,
		"https://example.com/a?b=c#d noopener nofollow _blank")
	w.until("the lines are lines", `document.querySelector(".text").clientHeight > 60`)
}

// The keyboard alone is enough, and shows where it is; a finger does not see that.
func TestKeyboardAlone(t *testing.T) {
	needBrowser(t)
	w := newWindow(t)
	w.goTo("http://" + address(t))
	w.until("the room's name has the focus", focused+` === "room"`)
	w.do(chromedp.KeyEvent(roomOf(t) + "\r"))
	w.until("the person's name has the focus", focused+` === "name"`)
	w.do(chromedp.KeyEvent("Ann\r"))
	w.until("the message has the focus", focused+` === "text"`)
	const ring = `getComputedStyle(document.activeElement).outlineWidth`
	w.is(ring, "0px")
	w.do(chromedp.KeyEvent("typed\r"))
	w.sees(".mine .mark", "delivered")
	var stops []string
	for range 6 {
		w.do(chromedp.KeyEvent(kb.Tab))
		stops = append(stops, eval[string](w,
			`document.activeElement.id || document.activeElement.textContent.trim()`))
		if width := eval[string](w, ring); len(stops) != 2 && width != "2px" {
			t.Errorf("the ring of %q is %s wide, want 2px", stops[len(stops)-1], width)
		}
	}
	// The page ends after the button; the browser goes on at its begin.
	got := strings.Join(stops, ",")
	if !strings.HasPrefix(got, "send,") || !strings.HasSuffix(got, "‹ Rooms,log,people,text") {
		t.Errorf("Tab leads to %s", got)
	}
}

// Without cookies the page works, and forgets.
func TestCookiesBlocked(t *testing.T) {
	needBrowser(t)
	w := newWindow(t)
	call(w, page.Enable, page.EnableParams{})
	call(w, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `for (const name of ["localStorage", "sessionStorage"]) {
			Object.defineProperty(window, name, {get() { throw new DOMException("blocked"); }});
		}`,
	})
	w.enter(address(t), roomOf(t), "Ann")
	w.say("hello")
	w.sees(".mark", "delivered")
	w.do(chromedp.Reload())
	w.enters("name", "Ann")
	w.sees(".text", "hello")
}
