package logtest_test

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/logtest"
)

// faultyVariable names, to a second run of the test binary, the log that it tests.
const faultyVariable = "LOGTEST_FAULTY"

// Contract 11.1 to 11.5: the suite fails each faulty log, with a message that names the
// fault. The suite runs in a process of its own, since its failure would be this test's.
func TestFaulty(t *testing.T) {
	if name := os.Getenv(faultyVariable); name != "" {
		runFaulty(t, name)
		return
	}
	for _, test := range faultyLogs {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			run := "^TestFaulty$/^" + strings.ReplaceAll(test.suite, " ", "_") + "$"
			output := failing(t, test.name, run)
			if !regexp.MustCompile(test.want).MatchString(output) {
				t.Errorf("the suite said %s, want %q", output, test.want)
			}
			if strings.Contains(output, "\npanic: ") {
				t.Errorf("the log ended the binary: %s", output)
			}
		})
	}
}

// failing returns what the tests that run selects say of a faulty log.
func failing(t *testing.T, name, run string, flags ...string) string {
	flags = append([]string{"-test.run", run, "-test.timeout", "2m"}, flags...)
	cmd := exec.Command(os.Args[0], flags...)
	cmd.Env = append(os.Environ(), faultyVariable+"="+name)
	output, err := cmd.CombinedOutput()
	if _, failed := err.(*exec.ExitError); !failed {
		t.Fatalf("the tests of a faulty log = %v, want them to fail: %s", err, output)
	}
	return string(bytes.TrimSpace(output))
}

// runFaulty runs the suite on a log of the table, in the second process. What is slow on
// a busy machine may fail there: that is a failure more.
func runFaulty(t *testing.T, name string) {
	logtest.SetPatience(time.Second)
	for _, test := range faultyLogs {
		if test.name == name {
			logtest.Run(t, func(*testing.T) logtest.Store { return newLocal().store(test.log) })
		}
	}
}
