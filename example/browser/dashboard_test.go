package browser

import "testing"

const (
	isLive  = `state.textContent === "Live" && why.textContent === "" && viewers.textContent === "1"`
	notLive = `state.textContent === "Not live" && /^Values of .*\d/.test(why.textContent)`
)

// The dashboard shows values, says when they are not live, and comes back by itself.
func TestDashboard(t *testing.T) {
	needBrowser(t)
	address := startProgram(t, board)
	g := newGate(t, address)
	w := newWindow(t, refused)
	w.goTo("http://" + g.address)
	w.until("it is live", isLive)
	w.until("all values are there", `!document.querySelector("dl").textContent.includes("–")`)

	g.lead("")
	g.cut()
	w.until("it is not live", notLive)
	w.until("it says when it tries again", `why.textContent.includes("Next try in ") && !retry.hidden`)
	w.until("the old values stay", `viewers.textContent === "1"`)
	g.lead(address)
	w.until("it is live again, by itself", isLive)

	g.freeze() // the network has lost its way: nobody closes the connection
	w.until("silence is not live", notLive+` && why.textContent.includes("The server is silent.")`)
	g.cut()
	w.until("it is live again", isLive)
}
