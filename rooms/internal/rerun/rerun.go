// Package rerun runs the tests of a faulty implementation in a process of its own, since
// their failures would be those of the test that wants them.
package rerun

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// variable names, to the second run of a test binary, what it tests.
const variable = "ROOMS_FAULTY"

// Name returns what the second process is to test, and "" in the first.
func Name() string { return os.Getenv(variable) }

// Failing returns what the tests that run selects say of the implementation of a name.
// They have to fail. With -short, Failing skips the test: that is how tests run under the
// race detector, which would find nothing more here.
func Failing(t *testing.T, name, run string, flags ...string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("tests are to be short")
	}
	flags = append([]string{"-test.run", run, "-test.timeout", "2m"}, flags...)
	cmd := exec.Command(os.Args[0], flags...)
	cmd.Env = append(os.Environ(), variable+"="+name)
	output, err := cmd.CombinedOutput()
	if _, failed := err.(*exec.ExitError); !failed {
		t.Fatalf("the tests of %s = %v, want them to fail: %s", name, err, output)
	}
	return string(bytes.TrimSpace(output))
}

// Want calls Failing, and checks what the tests say: it has to match want, and it must
// not be a panic that has ended the process.
func Want(t *testing.T, name, run, want string) {
	t.Helper()
	output := Failing(t, name, run)
	if !regexp.MustCompile(want).MatchString(output) {
		t.Errorf("the tests said %s, want %q", output, want)
	}
	if strings.Contains(output, "\npanic: ") {
		t.Errorf("%s ended the binary: %s", name, output)
	}
}
