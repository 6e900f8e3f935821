package browser

import (
	"os"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

func TestScratch(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann, bo := newWindow(t), newWindow(t)
	ann.do(chromedp.EmulateViewport(900, 620))
	ann.enter(n.address, "Garden", "Ann")
	bo.enter(n.address, "Garden", "Bo Diddley")
	bo.say("Hello! Is anybody watering the tomatoes today?")
	bo.say("They looked thirsty.")
	ann.say("I am. The <b>beans</b> too.")
	ann.say("See https://example.com/plan.")
	bo.say("Then I take the compost. See you at six.")
	ann.sees(".text", "Hello! Is anybody watering the tomatoes today?", "They looked thirsty.", "I am. The <b>beans</b> too.", "See https://example.com/plan.", "Then I take the compost. See you at six.")
	for _, scheme := range []string{"light", "dark"} {
		call(ann, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		shot, err := chromedp.Run(ann.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		os.WriteFile("/work/w12/example/browser/scratch-"+scheme+".png", shot, 0o644)
	}
}
