package logtest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/rerun"
	"github.com/beatrichartz/martini-sockets/rooms/logtest"
)

// Contract 11.1 to 11.5: the suite fails each faulty log, with a message that names the
// fault. The suite runs in a process of its own, since its failure would be this test's.
func TestFaulty(t *testing.T) {
	if name := rerun.Name(); name != "" {
		runFaulty(t, name)
		return
	}
	for _, test := range faultyLogs {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			run := "^TestFaulty$/^" + strings.ReplaceAll(test.suite, " ", "_") + "$"
			rerun.Want(t, test.name, run, test.want)
		})
	}
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
