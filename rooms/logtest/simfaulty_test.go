package logtest_test

import (
	"regexp"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/rerun"
)

// faultyHistories are faults of logs that the histories have to find: above all each
// wrong answer that "complete" could give.
var faultyHistories = []struct {
	name string
	log  func(right rooms.Log) rooms.Log
	want string
}{
	{name: "always whole", want: `: complete, want not|: complete without|which the log has lost`,
		log: whole(func(bool, rooms.Place) bool { return true })},
	{name: "whole after what it dropped", want: `: complete without|missed .* live, and was not told`,
		log: wholeIfOwn()},
	{name: "forgets the tag", want: `: complete, want not|got .* after|is .* and .*, want one`,
		log: forgetTag},
	{name: "never whole", want: `: not complete, want complete`,
		log: whole(func(bool, rooms.Place) bool { return false })},
	{name: "loses what it acknowledges", want: `is .* and .*, want one|missed .* live`,
		log: loseEach(50)},
	{name: "appends an id again", want: `is at .* and at .*, want once|is .* and .*, want one`,
		log: forgetIDs},
	{name: "reads in another order", want: `got .* after`,
		log: reverse},
	{name: "hides a gap", want: `missed .* live, and was not told`,
		log: hideGap(10)},
	{name: "goes on in the new log", want: `which the log has lost|missed .* live, and was not told`,
		log: chainOn()},
	{name: "mute", want: `got \d+, and not the end`,
		log: tellNothing},
	{name: "deaf at first", want: `got \d+, and not the end|missed .* live, and was not told`,
		log: deafAtFirst},
}

// Contract 13.2: the histories fail a log that is not as it should be, and say with which
// seed.
func TestFaultyHistories(t *testing.T) {
	if name := rerun.Name(); name != "" {
		runFaultyHistory(t, name)
		return
	}
	again := regexp.MustCompile(`-run '\^TestFaultyHistories\$' -seed (\d+)`)
	for _, test := range faultyHistories {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			output := rerun.Failing(t, test.name, "^TestFaultyHistories$", "-seeds", "200")
			found := again.FindStringSubmatch(output)
			if found == nil || !regexp.MustCompile(test.want).MatchString(output) {
				t.Fatalf("the histories said %.2000s, want %q", output, test.want)
			}
			t.Logf("found by seed %s", found[1])
		})
	}
}

// runFaultyHistory is for the second process.
func runFaultyHistory(t *testing.T, name string) {
	for _, test := range faultyHistories {
		if test.name != name {
			continue
		}
		simulate(t, test.log)
	}
}
