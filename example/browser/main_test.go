// Package browser drives the programs of the folder above in Chromium, and the module
// live in Firefox too. It is a module of its own, so that what it needs is asked of
// nobody who runs the chat.
//
// Where no browser is found tests are skipped, unless the environment variable CI is
// "true": then they fail. BROWSER=off skips them everywhere. With UPDATE_PICTURES=1 the
// run makes the pictures in the README anew.
package browser

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// What the tests share: one browser, in which every window is a tab of its own, and the
// folder of the programs.
var (
	missing string // why there is no browser
	tabs    context.Context
	dir     string
)

func TestMain(m *testing.M) {
	flag.Parse()
	flag.Set("test.parallel", "8") // the tests wait more than they do, whatever the machine
	path := installed("chromium", "chromium-browser", "google-chrome", "chrome")
	if path == "" || os.Getenv("BROWSER") == "off" {
		missing = "no browser, or BROWSER=off: install Debian's chromium"
		m.Run()
		return
	}
	var err error
	if dir, err = os.MkdirTemp("", "chat-browser"); err == nil {
		err = prepare(m, path)
		os.RemoveAll(dir)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// prepare builds the programs, starts the browser, runs the tests and ends the browser.
func prepare(m *testing.M, path string) error {
	build := exec.Command("go", "build", "-o", dir, ".", "./hello", "./dashboard")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %v\n%s", err, out)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(filepath.Join(dir, "profile")),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true))
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	defer cancel()
	tabs, cancel = chromedp.NewContext(allocator)
	defer cancel()
	if err := chromedp.Do(tabs); err != nil {
		return fmt.Errorf("%s does not start: %v", path, err)
	}
	m.Run()
	return nil
}

// installed returns the path of the first of some programs that there is, or "".
func installed(names ...string) string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// needBrowser skips a test where there is none, but not in CI. Tests with windows run at
// the same time: they wait more than they do.
func needBrowser(t *testing.T) {
	t.Helper()
	if missing != "" {
		skip(t, missing)
	}
	t.Parallel()
}

func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" && os.Getenv("BROWSER") != "off" {
		t.Fatal(why)
	}
	t.Skip(why)
}
