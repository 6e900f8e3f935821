package brokertest_test

import (
	"regexp"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
	"github.com/beatrichartz/martini-sockets/rooms/internal/rerun"
	"github.com/beatrichartz/martini-sockets/rooms/internal/sim"
)

// faultyHistories are faults of brokers that the histories have to find.
var faultyHistories = []struct {
	name   string
	broker func(right rooms.Broker) rooms.Broker
	want   string
}{
	{name: "lossy", broker: every(100, lose), want: `missed \d+ .* and nobody was told`},
	{name: "reordering", broker: reorder, want: `got \d+ of .* after \d+|missed`},
	{name: "leaks subscriptions", broker: leakSubscriptions,
		want: `delivery resumes|subscribed to that room already|\d+ subscriptions, want \d+`},
	{name: "mute about losses", broker: muteAboutLoss,
		want: `missed \d+ .* nobody was told`},
	{name: "mute about errors", broker: noErrors, want: `missed \d+ .* nobody was told`},
	{name: "mute about drops", broker: dropInBursts, want: `missed \d+ .* nobody was told`},
	{name: "limited in size", broker: limitSize, want: `missed \d+ .* nobody was told`},
	{name: "closed by a stall", broker: closeAfterStall, want: `delivery resumes`},
	{name: "blocks", broker: every(100, dawdle),
		want: `longer than a second; nothing was broken`},
	{name: "panics in Publish", broker: every(100, panics),
		want: `(?s)panic: as a broker should not.*; nothing was broken`},
}

// Contract 13.2: the histories fail a broker that is not as it should be, and say with
// which seed.
func TestFaultyHistories(t *testing.T) {
	if name := rerun.Name(); name != "" {
		runFaultyHistory(t, name)
		return
	}
	for _, test := range faultyHistories {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			output := rerun.Failing(t, test.name, "^TestFaultyHistories$", "-seeds", "50")
			for _, want := range []string{test.want, `-run '\^TestFaultyHistories\$' -seed \d+`} {
				if !regexp.MustCompile(want).MatchString(output) {
					t.Errorf("the histories said %.2000s, want %q", output, want)
				}
			}
		})
	}
}

// Contract 10.8: what a broker delivers twice reaches no member twice. The suite still
// finds such a broker.
func TestDuplicatingHistories(t *testing.T) {
	for seed := range uint64(10) {
		runHistory(t, seed, every(100, duplicate))
	}
}

// The flag -seed runs one history, and three that fail are enough.
func TestSeeds(t *testing.T) {
	tests := []struct {
		name  string
		flags []string
		want  []string // the last words of each line that says how to run a seed again
	}{
		{name: "many", flags: []string{"-seeds", "9"}, want: []string{"0", "1", "2"}},
		{name: "few", flags: []string{"-seeds", "2"}, want: []string{"0", "1"}},
		{name: "one", flags: []string{"-seeds", "9", "-seed", "7"}, want: []string{"7"}},
	}
	again := regexp.MustCompile(`again: .* -seed (\d+) -count 10`)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			output := rerun.Failing(t, "reordering", "^TestFaultyHistories$", test.flags...)
			for _, match := range again.FindAllStringSubmatch(output, -1) {
				got = append(got, match[1])
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("seeds that failed = %q, want %q", got, test.want)
			}
		})
	}
}

// runFaultyHistory is for the second process.
func runFaultyHistory(t *testing.T, name string) {
	for _, test := range faultyHistories {
		if test.name != name {
			continue
		}
		seeds.Run(t, func(t *testing.T, seed uint64) { runHistory(t, seed, test.broker) })
	}
}

// runHistory runs one whose brokers are those of the simulation, with a fault.
func runHistory(t *testing.T, seed uint64, fault func(rooms.Broker) rooms.Broker) {
	synctest.Test(t, func(t *testing.T) {
		n := history.OnSim(sim.New(t, seed))
		spoil(&n, fault)
		n.Kills = false
		if seed%4 == 0 {
			n.Break = nil // then nothing may be told
		}
		history.Broadcasts(t, seed, n)
	})
}
