package browser

import (
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// The smallest chat: what is said while a page is away comes when it is back, and what it
// could not say is said once. What cannot be said is answered.
func TestHello(t *testing.T) {
	needBrowser(t)
	address := startHello(t)
	g := newGate(t, address)
	const icon, closed = "favicon.ico", "CLOSING or CLOSED" // what it does not care about
	ann, bo := newWindow(t, refused, icon, closed), newWindow(t, icon)
	ann.goTo("http://" + g.address)
	bo.goTo("http://" + address)
	bo.helloSays("Bo", "one")
	ann.sees("#log", "Bo: one\n")
	eval[bool](ann, `text.value = "\u2028".repeat(20000); say(); true`) // is twice as long in JSON
	const wrong = "Bo: one\nServer: that was not said\n"
	ann.sees("#log", wrong)
	eval[bool](ann, `text.value = ""; true`)
	g.lead("")
	g.cut()
	ann.until("the connection is lost", `socket.readyState === 3`)
	bo.helloSays("Bo", "two")
	bo.sees("#log", "Bo: one\nBo: two\n")
	ann.helloSays("Ann", "three")
	g.lead(address)
	ann.sees("#log", wrong+"Bo: two\n")
	ann.until("the text is there still", `text.value === "three"`)
	ann.do(chromedp.KeyEvent("\r"))
	ann.sees("#log", wrong+"Bo: two\nAnn: three\n")
	bo.sees("#log", "Bo: one\nBo: two\nAnn: three\n")
}

func (w *window) helloSays(name, text string) {
	w.tb.Helper()
	w.until("there was a connection", `socket.readyState !== 0`)
	eval[bool](w, `who.value = "`+name+`"; true`)
	eval[bool](w, `text.focus(); true`)
	w.do(chromedp.KeyEvent(text + "\r"))
}

// startHello starts the program at a port that was free a moment ago.
func startHello(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(address)
	cmd := exec.Command(hello)
	cmd.Env = append(os.Environ(), "HOST=127.0.0.1", "PORT="+port)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	for end := time.Now().Add(wait); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return address
		}
	}
	t.Fatal("hello does not listen")
	return ""
}
