package logtest_test

import (
	"regexp"
	"testing"
	"testing/synctest"

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
	{name: "always whole", want: `: complete, want not`,
		log: whole(func(bool, rooms.Place) bool { return true })},
	{name: "whole after what it dropped", want: `: complete, want not|missed|got`,
		log: wholeIfOwn()},
	{name: "forgets the tag", want: `: complete, want not|no such log|missed`, log: forgetTag},
	{name: "never whole", want: `: not complete, want complete`,
		log: whole(func(bool, rooms.Place) bool { return false })},
	{name: "loses what it acknowledges", want: `was acknowledged at .*, and is not there`,
		log: loseEach(50)},
	{name: "appends an id again", want: `is there \d+ times|was acknowledged at`, log: forgetIDs},
	{name: "reads in another order", want: `missed .*, want|got .*, want`, log: reverse},
	{name: "hides a gap", want: `got .*, want`, log: hideGap(10)},
	{name: "goes on in the new log", want: `and was not told|got .*, want`, log: chainOn()},
	{name: "mute", want: `got \d+ of \d+, want all|and was not told`, log: tellNothing},
	{name: "deaf at first", want: `got \d+ of \d+, want all|and was not told`, log: deafAtFirst},
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
		seeds.Run(t, func(t *testing.T, seed uint64) {
			synctest.Test(t, func(t *testing.T) { newHistory(t, seed, test.log).run() })
		})
	}
}
