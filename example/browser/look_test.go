package browser

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
)

// What a screen reader is told, as "role name" or "role name: description", from the door
// to a message that is too long.
func TestScreenReader(t *testing.T) {
	n, w := program(t, "example"), newWindow(t)
	w.goTo(n.room("Garden"))
	w.hears("textbox Your name", "button Join", "heading Garden", "link Rooms")
	w.enters("name", "")
	w.sees("#name-error", "Please type a name.")
	w.hears("textbox Your name: Please type a name.", "alert ")
	w.enters("name", "Ann")
	w.until(`document.getElementById("empty").checkVisibility()`)
	w.hears("log Messages", "textbox Message", "button Send", "status ", "textbox Link to this room",
		"button Copy", "heading Here now: 1", "region Here now: 1", "list Here now: 1")
	w.run(`window.added = 0, new MutationObserver(all => all.forEach(m => {
		for (const e of m.addedNodes) if (e.matches?.("article")) added++;
	})).observe(document.getElementById("log"), {childList: true})`)
	w.say("hello")
	w.sees(".mark", "delivered")
	w.hears("article Ann hello")
	w.is("added", 1) // so it is not read twice
	tooLong := strings.Repeat("🙂", 1002)
	w.fill(tooLong)
	w.sees("#count", "2 characters too many")
	w.click("#send")
	w.sees("#text-error", "A message has 1 to 1000 characters.")
	w.is(`document.getElementById("text").value`, tooLong) // it stays
	w.fill(strings.Repeat("🙂", 990))
	w.sees("#count", "10 characters left")
	w.hears("textbox Message: 10 characters left")
	w.click("#send")
	w.sees(".text", "hello", strings.Repeat("🙂", 990))
	w.sees(".mark", "delivered", "delivered")
	w.is(focused, "text")
	w.sees("#count", "")
	w.size(360, 640)
	w.hears("button 1 here")
	w.click("#who")
	w.hears("button Close")
}

// hears compares what a screen reader is told with what it has to be.
func (w *window) hears(want ...string) {
	w.tb.Helper()
	value := func(v *accessibility.Value) string {
		if v == nil {
			return ""
		}
		return strings.Trim(string(v.Value), `"`)
	}
	all := "\n"
	tree := call(w, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	for _, n := range tree.Nodes {
		if !n.Ignored {
			line := value(n.Role) + " " + value(n.Name) + ": " + value(n.Description)
			all += strings.TrimSuffix(line, ": ") + "\n"
		}
	}
	for _, line := range want {
		if !strings.Contains(all, "\n"+line+"\n") {
			w.tb.Errorf("a screen reader is not told %q, but %s", line, all)
		}
	}
}

const axe = "axe-core@4.14.1"

// loadAxe returns the script, which npm fetches. Without npm the test is skipped, but not
// in CI.
func loadAxe(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	out, err := exec.Command("npm", "install", "--ignore-scripts", "--no-save", "--prefix", dir,
		axe).CombinedOutput()
	if err != nil {
		skip(t, fmt.Sprintf("npm install %s: %v\n%s", axe, err, out))
	}
	script, err := os.ReadFile(filepath.Join(dir, "node_modules/axe-core/axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(script)
}

// The README's pictures; without UPDATE_PICTURES=1 they are not taken. No page on the way
// breaks a rule that axe knows, in light and in dark, small and large. The lobby shows
// rooms as they open and close.
func TestPictures(t *testing.T) {
	n, script := program(t, "example"), loadAxe(t)
	ann, other := newWindow(t), newWindow(t)
	other.goTo("http://" + n.address)
	other.looks(script, "#none a")
	ann.goTo("http://" + n.address)
	ann.run(`localStorage.setItem("key", "a")`) // for the colour
	ann.enter(n.room("Garden"), "Ann")
	ann.looks(script, "#empty")
	bo := n.guest("Garden", "Bo Diddley")
	cleo := n.guest("Garden", "Cleo")
	for i, line := range []struct {
		who  interface{ say(string) }
		text string
	}{
		{bo, "Hello! Is anybody watering the tomatoes today?"},
		{bo, "They looked thirsty this morning."},
		{ann, "I am. The <b>beans</b> too."},
		{cleo, "The plan is at https://garden.example/plan"},
		{bo, "Then I take the compost. See you at six."},
		{ann, "See you there!"},
	} {
		line.who.say(line.text)
		ann.until(fmt.Sprintf(`document.querySelectorAll(".message").length > %d
			&& !document.querySelector(".mine:not([data-is=delivered])")`, i))
	}
	cleo.Close()
	ann.sees("#people p", "Ann (you)", "Bo Diddley")
	ann.sees(".line", "Bo Diddley and Cleo joined", "Cleo left")
	ann.sees(".day", "Today")
	ann.sees(".message.more .text", "They looked thirsty this morning.")
	ann.looks(script, "#people")
	dan := n.guest("Attic", "Dan")
	other.sees("#rooms li", "Garden2 here", "Attic1 here") // most people first
	other.looks(script, "#rooms a")
	dan.Close()
	other.sees("#rooms li", "Garden2 here")
	other.is(`document.querySelector("#none a").checkVisibility()`, false)
	other.goTo(n.room("Garden"))
	other.enters("name", "bo diddley")
	other.looks(script, "#name-error")
	other.goTo(n.room(""))
	other.sees("#nowhere-reason", "There is no such room: the address has no name of a room.")
	other.goTo(n.room(strings.Repeat("r", 41)))
	other.enters("name", "Bo")
	other.sees("#nowhere-reason",
		"There is no such room: that name is too long: 40 characters are the most.")
	other.is(`[...document.querySelectorAll("#door, #inside")].every(e => e.hidden)`, true)
	other.looks(script, "#nowhere-reason")
	if os.Getenv("UPDATE_PICTURES") == "1" {
		ann.picture("chat-light", "light", 860, 600)
		ann.picture("chat-dark", "dark", 860, 600)
		ann.picture("chat-phone", "light", 360, 640)
	}
	ann.say(" ")
	ann.sees("#text-error", "There is nothing to send yet.")
	n.ctrlC()
	ann.until(lost)
	ann.say("still there?")
	ann.looks(script, "#lost")
}

func (w *window) picture(file, scheme string, width, height int64) {
	w.tb.Helper()
	w.scheme(scheme)
	w.do(chromedp.EmulateViewport(width, height, chromedp.EmulateScale(2)))
	w.until(atEnd)
	shot, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile("../"+file+".png", shot, 0o644)
	}
	if err != nil {
		w.tb.Error(err)
	}
}

// looks audits what a window shows, on a phone in light and on a desktop in dark.
func (w *window) looks(script, selector string) {
	w.tb.Helper()
	w.until(fmt.Sprintf(`document.querySelector(%q)?.checkVisibility()`, selector))
	w.size(320, 640)
	w.scheme("light")
	w.audit(script, selector+" on a phone, in light")
	w.size(1280, 720)
	w.scheme("dark")
	w.audit(script, selector+" in dark")
}

// audit runs axe, which a page has to be given once.
func (w *window) audit(script, what string) {
	w.tb.Helper()
	if w.text(`typeof axe`) == "undefined" {
		if _, err := chromedp.Run(w.ctx, chromedp.Evaluate[bool](script+"; true")); err != nil {
			w.tb.Fatal(err)
		}
	}
	// axe looks at no placeholder: it has the colour of words that it looks at.
	w.is(`[...document.querySelectorAll("[placeholder]")].every(e =>
		getComputedStyle(e, "::placeholder").color === getComputedStyle(
			document.querySelector(".soft")).color)`, true)
	w.run(`window.found = null, axe.run().then(result => {
		window.found = result.violations.map(v => v.id + ": " + v.help + ": " +
			v.nodes.map(n => n.html + " " + n.failureSummary).join("; ")).join("\n");
	})`)
	w.until(`window.found !== null`)
	if found := w.text(`window.found`); found != "" {
		w.tb.Errorf("%s: %s", what, found)
	}
}
