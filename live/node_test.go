package live

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The states of the module, with a clock, sockets and a server of the tests, in node.

func TestReconnecting(t *testing.T)    { node(t, "test/reconnecting.test.js") }
func TestCloseCodes(t *testing.T)      { node(t, "test/codes.test.js") }
func TestMessagesOfPages(t *testing.T) { node(t, "test/messages.test.js") }
func TestSilentServer(t *testing.T)    { node(t, "test/probe.test.js") }

func node(t *testing.T, file string) {
	t.Helper()
	t.Parallel()
	// That it has read the files tells go test to run again when one has changed.
	for _, name := range []string{file, "test/page.js", "README.md"} {
		if _, err := os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	run(t, ".", "node", "--test", file)
}

// run runs a program and returns what it writes. Without the program the test is skipped,
// but not in CI.
func run(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", program, args, err, out)
	}
	return string(out)
}

// install brings a program of npm into a folder with the module. If npm cannot, the test
// is skipped, but not in CI.
func install(t *testing.T, program string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	npm := exec.Command("npm", "install", "--ignore-scripts", "--no-save", "--prefix", dir,
		program)
	out, err := npm.CombinedOutput()
	if err != nil && os.Getenv("CI") != "true" {
		t.Skipf("%v: %v\n%s", npm, err, out)
	}
	if err != nil {
		t.Fatalf("%v: %v\n%s", npm, err, out)
	}
	files := []string{"live.js", "live.d.ts", "package.json", "test/types.ts"}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, filepath.Base(file)), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
