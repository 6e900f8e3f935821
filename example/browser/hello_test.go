package browser

import (
	"net"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Somebody who types fast, 300 ms away from the server, loses nothing: not while the
// connection is there, and not while it is away. What cannot be said is answered.
func TestHello(t *testing.T) {
	needBrowser(t)
	address := startProgram(t, hello)
	g := newGate(t, address)
	g.delay = 150 * time.Millisecond
	const icon = "favicon.ico" // which it does not have
	ann, bo := newWindow(t, refused, icon), newWindow(t, icon)
	ann.goTo("http://" + g.address + "/?room=garden")
	bo.goTo("http://" + address + "/?room=garden")
	ann.do(chromedp.SendKeys("#who", "Ann"), chromedp.SendKeys("#text", "hello\rworld\ragain"))
	const first = "Ann: hello\nAnn: world\n"
	ann.sees("#log", first)
	bo.sees("#log", first)
	g.lead("")
	g.cut()
	ann.do(chromedp.SendKeys("#text", " and again\rone more\r"))
	bo.do(chromedp.SendKeys("#who", "Bo"), chromedp.SendKeys("#text", "meanwhile\r"))
	bo.sees("#log", first+"Bo: meanwhile\n")
	g.lead(address)
	const all = first + "Bo: meanwhile\nAnn: again and again\nAnn: one more\n"
	ann.sees("#log", all)
	bo.sees("#log", all)
	eval[bool](ann, `text.value = "\u2028".repeat(20000); form.requestSubmit(); true`)
	ann.until("the reason is said", `log.textContent.includes("Not said: ")`)
}

// startProgram starts one at a port that was free a moment ago; Martini says which.
func startProgram(t *testing.T, program string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := portOf(l.Addr().String())
	l.Close()
	p, err := start(program, "HOST=127.0.0.1", "PORT="+port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)

	for end := time.Now().Add(wait); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", p.address); err == nil {
			c.Close()
			return p.address
		}
	}
	t.Fatal(program, " does not listen")
	return ""
}
