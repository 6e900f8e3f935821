package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
)

func TestScreenReader(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann := newWindow(t)
	ann.goTo(roomURL(n.address, "garden"))
	ann.hears("textbox Your name", "button Join", "heading garden", "link Rooms")
	ann.join("")
	ann.sees("#name-error", "Please type a name.")
	ann.hears("textbox Your name: Please type a name.", "alert ")
	ann.join("Ann")
	ann.until("the room is open", `!document.getElementById("inside").hidden`)
	ann.hears("log Messages", "textbox Message", "button Send", "status ",
		"heading Here now: 1", "region Here now: 1", "list Here now: 1")
	ann.size(360, 640)
	ann.hears("button 1 here")
}

// hears compares what a screen reader is told, "role name" or "role name: description",
// with what it has to be.
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
