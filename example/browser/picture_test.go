package browser

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// The pictures of the README. Without UPDATE_PICTURES=1 they are taken and thrown away.
func TestPictures(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann, bo, cleo := newWindow(t), newWindow(t), newWindow(t)
	ann.size(860, 600)
	for w, key := range map[*window]string{ann: "a", bo: "b", cleo: "c"} { // for the colours
		w.goTo("http://" + n.address)
		eval[string](w, `localStorage.setItem("key", "`+key+`"); ""`)
	}
	ann.enter(n.address, "Garden", "Ann")
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
			w.until("it is there", `document.querySelectorAll(".message").length > `+
				string(rune('0'+i)))
			w.until("it is delivered", `!document.querySelector(".sending")`)
		}
	}
	cleo.close()
	ann.sees("#people p", "Ann (you)", "Bo Diddley")
	ann.sees(".line", "Bo Diddley and Cleo joined", "Cleo left")
	for _, scheme := range []string{"light", "dark"} {
		ann.scheme(scheme)
		picture(t, ann, "../chat-"+scheme+".png")
	}
	ann.scheme("light")
	ann.do(chromedp.EmulateViewport(360, 640, chromedp.EmulateScale(2)))
	ann.until("the end is in sight", atEnd)
	picture(t, ann, "../chat-phone.png")
}

// picture writes what a window shows to a file, if the run is to do that.
func picture(t *testing.T, w *window, file string) {
	t.Helper()
	shot, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	if err == nil && os.Getenv("UPDATE_PICTURES") == "1" {
		err = os.WriteFile(file, shot, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
