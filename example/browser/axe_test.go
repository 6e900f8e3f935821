package browser

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

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

// No page breaks a rule that axe knows, in light and in dark, small and large.
func TestAxe(t *testing.T) {
	needBrowser(t)
	script := loadAxe(t)
	n := startNode(t, "0")
	bo, room := newWindow(t), newWindow(t)
	empty, lobby, door := newWindow(t), newWindow(t), newWindow(t)
	empty.goTo("http://" + n.address)
	empty.until("it proposes a room", `document.querySelector("#none a").checkVisibility()`)
	eval[bool](empty, `window.fetch = () => new Promise(() => {}); true`) // it stays so
	bo.enter(n.address, "garden", "Bo")
	lobby.goTo("http://" + n.address)
	lobby.sees("#rooms bdi", "garden")
	door.goTo(roomURL(n.address, "garden"))
	door.join("bo")
	door.sees("#name-error", "That name is taken by someone in this room.")
	room.enter(n.address, "garden", "Ann")
	fill(bo, 0, 10)
	bo.say("See https://example.com/.")
	room.until("all are there", `document.querySelectorAll(".message").length === 11`)
	room.say("Thank you.")
	room.sees(".mark", "delivered")
	bo.close()
	room.sees(".line", "Bo left")
	room.say(" ")
	room.sees("#text-error", "There is nothing to send yet.")
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{320, 1280} {
			for name, w := range map[string]*window{
				"the empty lobby": empty, "the lobby": lobby, "the door": door, "the room": room,
			} {
				w.size(width, 640)
				w.scheme(scheme)
				w.audit(script, fmt.Sprintf("%s, %s, %d wide", name, scheme, width))
			}
		}
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
	const run = `window.found = null; axe.run().then(result => {
		window.found = result.violations.map(v => v.id + ": " + v.help + ": " +
			v.nodes.map(n => n.html + " " + n.failureSummary).join("; "));
	}); true`
	eval[bool](w, run)
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
