package browser

import (
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
)

// Somebody who types fast loses nothing: not before the connection is there, and not
// while it is away. What cannot be said is answered.
func TestHello(t *testing.T) {
	garden := "http://" + program(t, "hello").address + "/?room=garden"
	ann, bo := newWindow(t, "favicon.ico"), newWindow(t, "favicon.ico") // which it does not have
	ann.goTo(garden)
	bo.goTo(garden)
	ann.do(chromedp.SendKeys("#who", "Ann"), chromedp.SendKeys("#text", "hello\rworld\ragain"))
	const first = "Ann: hello\nAnn: world\n"
	ann.sees("#log", first)
	bo.sees("#log", first)
	online := ann.offline()
	ann.do(chromedp.SendKeys("#text", " and again\rone more\r"))
	bo.do(chromedp.SendKeys("#who", "Bo"), chromedp.SendKeys("#text", "meanwhile\r"))
	bo.sees("#log", first+"Bo: meanwhile\n")
	online()
	const all = first + "Bo: meanwhile\nAnn: again and again\nAnn: one more\n"
	ann.sees("#log", all)
	bo.sees("#log", all)
	ann.run(`text.value = "\u2028".repeat(20000), form.requestSubmit()`)
	ann.until(`log.textContent.includes("Not said: ")`)
}

// The dashboard shows values, says when they are not live, and comes back by itself.
func TestDashboard(t *testing.T) {
	const isLive = `state.textContent === "Live" && why.textContent === "" &&
		viewers.textContent === "1"`
	const notLive = `state.textContent === "Not live" && /^Values of .*\d/.test(why.textContent)`
	n := program(t, "dashboard")
	w := newWindow(t)
	w.goTo("http://" + n.address)
	w.until(isLive + ` && !document.querySelector("dl").textContent.includes("–")`)
	n.Process.Kill()
	w.until(notLive + ` && why.textContent.includes("Next try in ") && !retry.hidden`)
	w.is(`viewers.textContent`, "1") // the old values stay
	n = start(t, "dashboard", n.address)
	w.until(isLive)
	n.Process.Signal(syscall.SIGSTOP) // nobody closes the connection
	w.until(notLive + ` && why.textContent.includes("The server is silent.")`)
	n.Process.Signal(syscall.SIGCONT)
	w.until(isLive)
}
