package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// Two people of one name, at different times, look different.
func TestNamesakes(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	bo, first, second := newWindow(t), newWindow(t), newWindow(t)
	bo.enter(n.address, "garden", "Bo")
	first.enter(n.address, "garden", "Ann")
	first.say("I am Ann")
	bo.sees(".text", "I am Ann")
	first.close()
	bo.sees("#people p", "Bo (you)")
	second.enter(n.address, "garden", "Ann")
	second.say("and so am I")
	bo.sees(".text", "I am Ann", "and so am I")
	bo.sees(".who bdi", "Ann", "Ann")
	bo.sees(".who .another", "another")
	bo.sees("#people p", "Bo (you)", "Ann another")
	hues := eval[[]string](bo,
		`Array.from(document.querySelectorAll("article"), e => e.style.getPropertyValue("--hue"))`)
	if len(hues) != 2 || hues[0] == hues[1] {
		t.Errorf("colours = %q, want two", hues)
	}
}

// Many who come, and go, are one line.
func TestManyJoinInOneLine(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann, many := newWindow(t), newWindow(t)
	ann.enter(n.address, "garden", "Ann")
	many.goTo("http://" + n.address)
	eval[bool](many, fmt.Sprintf(`{
		window.all = [];
		for (let i = 0; i < 50; i++) {
			all.push(new WebSocket("ws://%s/socket?room=garden&name=Guest+" + i + "&key=" + i));
		}
	} true`, n.address))
	ann.sees("#who", "51 here")
	const only = `document.querySelectorAll(".line").length === 1 &&
		/^Guest \d+, Guest \d+, Guest \d+ and 47 others %s$/.test(
			document.querySelector(".line").textContent)`
	ann.until("they are one line", fmt.Sprintf(only, "joined"))
	eval[bool](many, `all.forEach(socket => socket.close()); true`)
	ann.sees("#who", "1 here")
	ann.until("they are one line", fmt.Sprintf(only, "left"))
}

// Who reloads the page has not left.
func TestReloadMakesNoLine(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann, bo := newWindow(t), newWindow(t)
	ann.enter(n.address, "garden", "Ann")
	bo.enter(n.address, "garden", "Bo")
	ann.sees(".line", "Bo joined")
	ann.say("stay") // what comes after it would be another line
	bo.sees(".text", "stay")
	bo.do(chromedp.Reload())
	bo.sees("#people p", "Ann", "Bo (you)")
	bo.say("here again")
	ann.sees(".text", "stay", "here again")
	ann.sees(".line", "Bo joined")
}

// The lobby shows rooms as they open and close, the liveliest first.
func TestLobbyIsLive(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	lobby, ann, bo, cleo := newWindow(t), newWindow(t), newWindow(t), newWindow(t)
	lobby.goTo("http://" + n.address)
	lobby.until("it proposes a room", `document.querySelector("#none a").checkVisibility()`)
	ann.enter(n.address, "garden", "Ann")
	lobby.sees("#rooms li", "gardenquiet1 here")
	bo.enter(n.address, "cellar", "Bo")
	cleo.enter(n.address, "cellar", "Cleo")
	lobby.sees("#rooms bdi", "cellar", "garden")
	lobby.until("it proposes none", `!document.querySelector("#none a").checkVisibility()`)
	ann.say("hello?")
	lobby.sees("#rooms li", "gardentalking now1 here", "cellarquiet2 here")
	bo.close()
	cleo.close()
	lobby.sees("#rooms bdi", "garden")
}
