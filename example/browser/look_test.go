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

// What a screen reader is told, as "role name" or "role name: description".
func TestScreenReader(t *testing.T) {
	needBrowser(t)
	w := newWindow(t)
	w.goTo(roomURL(address(t), roomOf(t)))
	w.hears("textbox Your name", "button Join", "heading "+roomOf(t), "link Rooms")
	w.enters("name", "")
	w.sees("#name-error", "Please type a name.")
	w.hears("textbox Your name: Please type a name.", "alert ")
	w.enters("name", "Ann")
	w.until("the room invites", `document.getElementById("empty").checkVisibility()`)
	w.hears("log Messages", "textbox Message", "button Send", "status ", "textbox Link to this room",
		"button Copy", "heading Here now: 1", "region Here now: 1", "list Here now: 1")
	w.run(`(window.added = 0, new MutationObserver(all => all.forEach(m => {
		for (const e of m.addedNodes) if (e.matches?.("article")) added++;
	})).observe(document.getElementById("log"), {childList: true}))`)
	w.say("hello")
	w.sees(".mark", "delivered")
	w.hears("article Ann hello")
	w.is("added", "1") // so it is not read twice
	w.fill(strings.Repeat("x", 990))
	w.sees("#count", "10 characters left")
	w.hears("textbox Message: 10 characters left")
	w.size(360, 640)
	w.hears("button 1 here")
	w.do(chromedp.Click("#who"))
	w.hears("button Close")
}

// hears compares what a screen reader is told with what it has to be.
func (w *window) hears(want ...string) {
	w.tb.Helper()
	all := "\n"
	tree := call(w, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	for _, node := range tree.Nodes {
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

const axe = "axe-core@4.14.1"

// loadAxe returns the script, which npm fetches. Without npm the test is skipped, but not
// in CI.
func loadAxe(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	npm := exec.Command("npm", "install", "--ignore-scripts", "--no-save", "--prefix", dir, axe)
	out, err := npm.CombinedOutput()
	if err == nil {
		var script []byte
		if script, err = os.ReadFile(filepath.Join(dir, "node_modules/axe-core/axe.min.js")); err == nil {
			return string(script)
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("npm install %s: %v\n%s", axe, err, out)
	}
	t.Skipf("npm install %s: %v", axe, err)
	return ""
}

// The README's pictures; without UPDATE_PICTURES=1 they are taken and thrown away. No page
// on the way breaks a rule that axe knows, in light and in dark, small and large.
func TestPictures(t *testing.T) {
	needBrowser(t)
	script := loadAxe(t)
	n := startNode(t, "0")
	ann, bo, cleo, door := newWindow(t), newWindow(t), newWindow(t), newWindow(t)
	lobby := newWindow(t, "/rooms") // which is asked for when the server has ended
	lobby.goTo("http://" + n.address)
	lobby.looks(script, "lobby-empty", "#none a")
	for w, key := range map[*window]string{ann: "a", bo: "b", cleo: "c"} { // for the colours
		w.goTo("http://" + n.address)
		w.run(`localStorage.setItem("key", "` + key + `")`)
	}
	ann.enter(n.address, "Garden", "Ann")
	ann.looks(script, "empty", "#empty")
	bo.enter(n.address, "Garden", "Bo Diddley")
	cleo.enter(n.address, "Garden", "Cleo")
	for i, line := range []struct {
		who  *window
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
		for _, w := range []*window{ann, bo, cleo} {
			w.until("it is there", fmt.Sprintf(`document.querySelectorAll(".message").length > %d
				&& !document.querySelector(".mine:not([data-is=delivered])")`, i))
		}
	}
	cleo.close()
	ann.sees("#people p", "Ann (you)", "Bo Diddley")
	ann.sees(".line", "Bo Diddley and Cleo joined", "Cleo left")
	ann.looks(script, "room", "#people")
	lobby.looks(script, "lobby", "#rooms a")
	door.goTo(roomURL(n.address, "Garden"))
	door.enters("name", "bo diddley")
	door.looks(script, "door", "#name-error")
	for _, p := range []struct {
		file, scheme  string
		width, height int64
	}{
		{"chat-light", "light", 860, 600}, {"chat-dark", "dark", 860, 600},
		{"chat-phone", "light", 360, 640},
	} {
		ann.scheme(p.scheme)
		ann.do(chromedp.EmulateViewport(p.width, p.height, chromedp.EmulateScale(2)))
		ann.until("the end is in sight", atEnd)
		if os.Getenv("UPDATE_PICTURES") == "1" {
			ann.picture("../" + p.file + ".png")
		}
	}
	ann.say(" ")
	ann.sees("#text-error", "There is nothing to send yet.")
	if err := n.ctrlC(); err != nil {
		t.Error(err)
	}
	ann.until("the loss shows", lost)
	ann.say("still there?")
	ann.looks(script, "lost", "#lost")
}

// looks audits what a window shows, on a phone in light and on a desktop in dark. With
// PICTURES=folder it takes pictures instead, in all ways to look at it.
func (w *window) looks(script, what, selector string) {
	w.tb.Helper()
	w.until(selector+" is there", fmt.Sprintf(`document.querySelector(%q)?.checkVisibility()`, selector))
	for i, size := range [][2]int64{{320, 640}, {1280, 720}, {360, 640}, {1920, 1080}} {
		for j, scheme := range []string{"light", "dark"} {
			w.size(size[0], size[1])
			w.scheme(scheme)
			name := fmt.Sprintf("%s-%s-%d", what, scheme, size[0])
			if folder := os.Getenv("PICTURES"); folder != "" {
				w.picture(filepath.Join(folder, name+".png"))
			} else if i == j {
				w.audit(script, name)
			}
		}
	}
}

func (w *window) picture(file string) {
	w.tb.Helper()
	shot, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(file, shot, 0o644)
	}
	if err != nil {
		w.tb.Error(err)
	}
}

// audit runs axe, which a page has to be given once.
func (w *window) audit(script, what string) {
	w.tb.Helper()
	if !eval[bool](w, `typeof axe === "object"`) {
		eval[bool](w, script+`; true`)
	}
	if got := eval[float64](w, placeholder); got < 4.5 { // axe looks at no placeholder
		w.tb.Errorf("%s: contrast of a placeholder = %.2f, want 4.5 at least", what, got)
	}
	w.run(`(window.found = null, axe.run().then(result => {
		window.found = result.violations.map(v => v.id + ": " + v.help + ": " +
			v.nodes.map(n => n.html + " " + n.failureSummary).join("; "));
	}))`)
	w.until("axe is done", `window.found !== null`)
	if found := eval[[]string](w, `window.found`); len(found) > 0 {
		w.tb.Errorf("%s: %s", what, strings.Join(found, "\n"))
	}
}

// placeholder is the least contrast of a placeholder with its field (WCAG 2, 1.4.3).
const placeholder = `(() => {
	const light = color => {
		const [r, g, b] = color.match(/[\d.]+/g).map(c => c / 255)
			.map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	return Math.min(99, ...Array.from(document.querySelectorAll("[placeholder]"), field => {
		const colors = [getComputedStyle(field, "::placeholder").color,
			getComputedStyle(field).backgroundColor];
		const [a, b] = colors.map(light).sort((x, y) => y - x);
		return (a + 0.05) / (b + 0.05);
	}));
})()`
