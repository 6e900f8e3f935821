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
// program that a person would run.
var (
	missing string // why there is no browser
	tabs    context.Context
	program string // the chat
	hello   string // example/hello
	board   string // example/dashboard
)

func TestMain(m *testing.M) {
	if os.Getenv("LIVE_SERVER") != "" {
		serveLive()
	}
	flag.Parse()
	flag.Set("test.parallel", "4") // the tests wait more than they do, whatever the machine
	code := runAll(m)
	stopFirefox()
	os.Exit(code)
}

func runAll(m *testing.M) int {
	path := findBrowser()
	switch {
	case os.Getenv("BROWSER") == "off":
		missing = "BROWSER=off"
		return m.Run()
	case path == "":
		missing = "no browser: install Debian's chromium"
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "chat-browser")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.RemoveAll(dir)
	program, hello = filepath.Join(dir, "example"), filepath.Join(dir, "hello")
	board = filepath.Join(dir, "dashboard")
	build := exec.Command("go", "build", "-o", dir+"/", ".", "./hello", "./dashboard")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Printf("go build: %v\n%s", err, out)
		return 1
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(filepath.Join(dir, "profile")),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true))
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	defer cancel()
	browser, cancel := chromedp.NewContext(allocator)
	defer cancel()
	if err := chromedp.Do(browser); err != nil {
		fmt.Printf("%s does not start: %v\n", path, err)
		return 1
	}
	tabs = browser
	return m.Run()
}

func findBrowser() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
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
	switch {
	case missing == "":
		t.Parallel()
	case os.Getenv("CI") == "true" && os.Getenv("BROWSER") != "off":
		t.Fatal(missing)
	default:
		t.Skip(missing)
	}
}
