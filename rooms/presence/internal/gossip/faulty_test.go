package gossip

import (
	"os"
	"os/exec"
	"regexp"
	"testing"
)

// deafVariable names, to a second run of the test binary, what its nodes do not hear.
const deafVariable = "GOSSIP_DEAF"

// deaf are faults of a node: it does not see something of what it is told.
var deaf = []struct {
	name string
	want string // of the message that finds it
	hear func(l *life, m *Message)
}{
	{name: "the digest of a beat", want: `lists .*, want`, hear: func(l *life, m *Message) {
		if p := l.peers[m.From]; m.Beat != nil && p != nil {
			m.Beat.Digest = p.Digest
		}
	}},
	{name: "the version of a beat", want: `lists .*, want`, hear: func(l *life, m *Message) {
		if p := l.peers[m.From]; m.Beat != nil && p != nil && p.known {
			m.Beat.State = p.State
		}
	}},
	{name: "what was removed", want: `lists .*, want`, hear: func(_ *life, m *Message) {
		if m.List != nil {
			m.List.Removed = nil
		}
	}},
	{name: "that a list is whole", want: `lists .*, want`, hear: func(_ *life, m *Message) {
		if m.List != nil {
			m.List.Whole = false
		}
	}},
	{name: "which ask a list answers", want: `lists .*, want`, hear: func(_ *life, m *Message) {
		if m.List != nil {
			m.List.Nonces = nil
		}
	}},
}

// Contract 13.2: the histories find a node that does not look at something.
func TestDeafHistories(t *testing.T) {
	if os.Getenv(deafVariable) != "" {
		t.Skip("for the first process")
	}
	again := regexp.MustCompile(`run it again with -run TestHistories -seed (\d+)`)
	for _, test := range deaf {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run", "^TestHistories$", "-test.failfast",
				"-seeds", "3000") // until one fails
			cmd.Env = append(os.Environ(), deafVariable+"="+test.name)
			output, _ := cmd.CombinedOutput()
			found := again.FindSubmatch(output)
			if found == nil || !regexp.MustCompile(test.want).Match(output) {
				t.Fatalf("the histories said %.2000s, want %q", output, test.want)
			}
			t.Logf("found by seed %s", found[1])
		})
	}
}

// deafTo is the fault of this run of the binary, if it has one.
func deafTo() func(l *life, m *Message) {
	for _, fault := range deaf {
		if fault.name == os.Getenv(deafVariable) {
			return fault.hear
		}
	}
	return func(*life, *Message) {}
}
