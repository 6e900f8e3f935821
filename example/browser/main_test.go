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
// programs that a person would run.
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
	err := prepare(m)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// prepare builds the programs while the browser starts, runs the tests and cleans up.
func prepare(m *testing.M) error {
	path := findBrowser()
	switch {
	case os.Getenv("BROWSER") == "off":
		missing = "BROWSER=off"
	case path == "":
		missing = "no browser: install Debian's chromium"
	}
	if missing != "" {
		return failed(m.Run())
	}
	dir, err := os.MkdirTemp("", "chat-browser")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	defer func() { stopFirefox() }()
	program, hello = filepath.Join(dir, "example"), filepath.Join(dir, "hello")
	board = filepath.Join(dir, "dashboard")
	build := exec.Command("go", "build", "-o", dir+"/", ".", "./hello", "./dashboard")
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
	browser, cancel := chromedp.NewContext(allocator)
	defer cancel()
	if err := chromedp.Do(browser); err != nil {
		return fmt.Errorf("%s does not start: %v", path, err)
	}
	tabs = browser
	if err := failed(m.Run()); err != nil {
		stopNode()
		return err
	}
	return stopNode()
}

func failed(code int) error {
	if code != 0 {
		return fmt.Errorf("exit code %d", code)
	}
	return nil
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
