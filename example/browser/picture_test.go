package browser

import (
	"os"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// contrasts computes the contrast of texts with what is behind them (WCAG 2, 1.4.3), for each selector the least.
const contrasts = `(selectors => {
	const channels = color => color.match(/[\d.]+/g).map(Number);
	const light = color => {
		const [r, g, b] = channels(color).map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const behind = e => {
		for (; e; e = e.parentElement) {
			const color = getComputedStyle(e).backgroundColor;
			if (channels(color)[3] !== 0) return color;
		}
		return "rgb(255, 255, 255)";
	};
	const contrast = e => {
		const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
		return (a + 0.05) / (b + 0.05);
	};
	return Object.fromEntries(selectors.map(s => [s, Math.min(99, ...Array.from(document.querySelectorAll(s), contrast))]));
})([".text", ".who bdi", "time", ".mark", ".line", "#state", "#people li", ".here h2", "#say button", ".back", ".error"])`

func TestLightAndDark(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann, bo := newWindow(t), newWindow(t)
	ann.do(chromedp.EmulateViewport(720, 560))
	ann.enter(n.address, "Garden", "Ann")
	bo.enter(n.address, "Garden", "Bo")
	ann.sees(".line", "Bo joined")
	for _, line := range []struct {
		who  *window
		text string
	}{
		{bo, "Hello! Is anybody watering the tomatoes today?"},
		{ann, "I am. The <b>beans</b> too."},
		{bo, "Then I take the compost. See you at six."},
	} {
		before := len(ann.texts(".text"))
		line.who.say(line.text)
		ann.until("the message is there", `document.querySelectorAll(".text").length > `+string(rune('0'+before)))
	}
	ann.sees(".mine .mark", "delivered")
	bo.close()
	ann.sees(".line", "Bo joined", "Bo left")
	newWindow(t).enter(n.address, "Garden", "Cleo")
	ann.sees("#people li", "Ann (you)", "Cleo")
	ann.say("")
	for _, scheme := range []string{"light", "dark"} {
		call(ann, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		for selector, contrast := range eval[map[string]float64](ann, contrasts) {
			if contrast < 4.5 {
				t.Errorf("%s: contrast of %s = %.2f, want 4.5 at least", scheme, selector, contrast)
			}
		}
		picture(t, ann, "../chat-"+scheme+".png")
	}
}

// picture writes what a window shows to a file, if the run is to do that.
func picture(t *testing.T, w *window, file string) {
	t.Helper()
	if os.Getenv("UPDATE_PICTURES") != "1" {
		return
	}
	eval[string](w, `document.getElementById("text-error").textContent = ""; document.activeElement.removeAttribute("aria-invalid"); ""`)
	shot, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(file, shot, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
