package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestMarkupStaysText(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	const room, name, text = `<i>a&b</i>`, `<b>Bo</b> & "Co"`, `<img src=x onerror="document.title='broken'">`
	ann, bo := newWindow(t), newWindow(t)
	ann.enter(n.address, room, "Ann")
	bo.enter(n.address, room, name)
	ann.sees("#people li", name, "Ann (you)")
	bo.say(text)
	for _, w := range []*window{ann, bo} {
		w.sees(".text", text)
		w.sees("article .who bdi", name)
		w.sees("h1", room)
		if n := eval[int](w, `document.querySelectorAll("main img, main b, h1 i").length`); n != 0 {
			t.Errorf("%d elements were made of text", n)
		}
		if title := eval[string](w, `document.title`); title != room+" – Chat" {
			t.Errorf("title = %q", title)
		}
	}
	lobby := newWindow(t)
	lobby.do(chromedp.Navigate("http://" + n.address))
	lobby.sees(".rooms bdi", room)
}

func TestRules(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann, bo := newWindow(t), newWindow(t, "400 (Bad Request)")
	ann.enter(n.address, "garden", "Ann")

	bo.do(chromedp.Navigate("http://" + n.address))
	bo.enters("room", "  ")
	bo.sees("#error", "Please type the name of a room.")
	bo.enters("room", "garden")
	bo.sees("h1", "garden")
	for _, tt := range []struct{ name, want string }{
		{"", "Please type a name."},
		{strings.Repeat("B", 25), "That name is too long: 24 characters are the most."},
		{"ann", "That name is taken by someone in this room. Please choose another."},
	} {
		bo.join(tt.name)
		bo.sees("#name-error", tt.want)
		bo.until("the field is marked and has the focus", `document.activeElement?.id === "name" && document.activeElement.ariaInvalid === "true"`)
	}
	bo.join("Bo")
	bo.until("the message has the focus", `document.activeElement?.id === "text"`)
	bo.sees("#name-error", "")

	bo.say(" ")
	bo.sees("#text-error", "There is nothing to send yet.")
	eval[string](bo, `document.getElementById("text").value = "x".repeat(501)`)
	bo.do(chromedp.KeyEvent("\r"))
	bo.sees("#text-error", "That message is too long: 500 characters are the most, it has 501.")
	eval[string](bo, `document.getElementById("text").value = "🙂".repeat(500)`)
	bo.do(chromedp.KeyEvent("\r"))
	bo.sees("#text-error", "")
	ann.sees(".text", strings.Repeat("🙂", 500))
}

func TestKeyboardAlone(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann := newWindow(t)
	ann.do(chromedp.Navigate("http://" + n.address))
	ann.until("the room's name has the focus", `document.activeElement?.id === "room"`)
	ann.do(chromedp.KeyEvent("garden\r"))
	ann.until("the person's name has the focus", `document.activeElement?.id === "name"`)
	ann.do(chromedp.KeyEvent("Ann\r"))
	ann.until("the message has the focus", `document.activeElement?.id === "text"`)
	ann.do(chromedp.KeyEvent("typed\r"))
	ann.sees(".mine .mark", "delivered")

	var stops []string
	for range 4 {
		ann.do(chromedp.KeyEvent(kb.Tab))
		stops = append(stops, eval[string](ann, `document.activeElement.id || document.activeElement.textContent.trim()`))
		if visible := eval[string](ann, `getComputedStyle(document.activeElement).outlineStyle`); len(stops) != 2 && visible == "none" {
			t.Errorf("the focus on %q cannot be seen", stops[len(stops)-1])
		}
	}
	// The page ends behind the button; the browser goes on at its begin.
	if got := strings.Join(stops, ","); !strings.HasPrefix(got, "Send,") || !strings.HasSuffix(got, "Rooms,log") {
		t.Errorf("Tab leads to %s", got)
	}
}

// Whoever types and presses Enter before the script is there sends the form to the server.
func TestFormBeforeTheScript(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann := newWindow(t)
	ann.do(chromedp.Navigate("http://" + n.address + "/room?room=garden&name=Ann"))
	ann.sees("#people li", "Ann (you)")
	if got := eval[string](ann, `location.search`); got != "?room=garden" {
		t.Errorf("the address goes on with %q, want no name in it", got)
	}
}

func TestScreenReader(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann := newWindow(t)
	ann.do(chromedp.Navigate("http://" + n.address + "/room?room=garden"))
	ann.hears("textbox Your name", "button Join", "heading garden", "link Rooms")
	ann.join("")
	ann.sees("#name-error", "Please type a name.")
	ann.hears("textbox Your name: Please type a name.", "alert ")
	ann.join("Ann")
	ann.until("the room is open", `!document.getElementById("inside").hidden`)
	ann.hears("log Messages", "textbox Message", "button Send", "status ", "heading Here now: 1", "region Here now: 1")
}

// hears compares what a screen reader is told, "role name" or "role name: description", with what it has to be.
func (w *window) hears(want ...string) {
	w.tb.Helper()
	all := "\n"
	for _, node := range call(w, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{}).Nodes {
		if node.Ignored || node.Role == nil || node.Name == nil {
			continue
		}
		line := fmt.Sprintf("%s %s", unquoted(node.Role), unquoted(node.Name))
		if description := unquoted(node.Description); description != "" {
			line += ": " + description
		}
		all += line + "\n"
	}
	for _, line := range want {
		if !strings.Contains(all, "\n"+line+"\n") {
			w.tb.Errorf("a screen reader is not told %q, but %s", line, all)
		}
	}
}

func unquoted(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	return strings.Trim(string(v.Value), `"`)
}

func TestPhone(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	others := newWindow(t, refused)
	others.enter(n.address, strings.Repeat("w", 40), strings.Repeat("W", 24))
	ann := newWindow(t, refused)
	ann.do(chromedp.EmulateViewport(360, 640, chromedp.EmulateMobile), chromedp.Navigate("http://"+n.address))
	ann.narrow("the page to choose a room")
	ann.enter(n.address, strings.Repeat("w", 40), strings.Repeat("M", 24))
	ann.narrow("the room, empty")
	others.say(strings.Repeat("w", 500))
	ann.sees(".text", strings.Repeat("w", 500))
	ann.say("words of the usual length in a line that has to be broken somewhere")
	ann.sees(".mine .mark", "delivered")
	ann.narrow("the room")
	ann.until("there is room for messages", `document.getElementById("log").clientHeight > 200`)
	ann.until("the end is in sight", `(log => log.scrollHeight - log.scrollTop - log.clientHeight < 2)(document.getElementById("log"))`)
	ann.until("the form is in sight", `document.getElementById("say").getBoundingClientRect().bottom <= innerHeight`)
	n.ctrlC()
	ann.until("the loss shows", lost)
	ann.narrow("the room, lost")
}

// narrow proves that nothing has to be moved sideways on a phone.
func (w *window) narrow(what string) {
	w.tb.Helper()
	width := eval[int](w, `Math.max(...Array.from(document.querySelectorAll("html, main, #log"), e => e.scrollWidth))`)
	if width > 360 {
		w.tb.Errorf("%s is %d wide, want 360 at the most", what, width)
	}
}

func TestPolicyIsInForce(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann := newWindow(t, "Content Security Policy")
	ann.enter(n.address, "garden", "Ann")
	eval[bool](ann, `{
		const script = document.createElement("script");
		script.textContent = "window.broken = true";
		document.body.append(script);
		document.body.insertAdjacentHTML("beforeend", "<p onclick='window.broken = true' id=trap>");
		document.getElementById("trap").click();
	} true`)
	if eval[bool](ann, `window.broken === true`) {
		t.Error("a script ran that the policy forbids")
	}
	ann.say("the page still works")
	ann.sees(".mine .mark", "delivered")
}
