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
	for _, read := range []string{file, "test/page.js", "README.md"} {
		if _, err := os.ReadFile(read); err != nil { // so that go test runs again when one changes
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

// install brings programs of npm into a folder with the module. If npm cannot, the test is
// skipped, but not in CI.
func install(t *testing.T, programs ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	args := append([]string{"install", "--ignore-scripts", "--no-save", "--prefix", dir}, programs...)
	if os.Getenv("CI") != "true" {
		if out, err := exec.Command("npm", args...).CombinedOutput(); err != nil {
			t.Skipf("npm %q: %v\n%s", args, err, out)
		}
	} else {
		run(t, dir, "npm", args...)
	}
	for _, file := range []string{"live.js", "live.d.ts", "package.json", "test/types.ts"} {
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
