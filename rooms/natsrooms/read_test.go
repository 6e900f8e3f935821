package natsrooms

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Contract 11.3: never complete by mistake. What the follower of a quiet room has seen
// last may be too old to be kept; then it is this that says whether something was missed.
func TestNothingGone(t *testing.T) {
	at := func(seconds int) time.Time { return time.Unix(int64(1000+seconds), 0) }
	base := jetstream.StreamInfo{
		Created:   at(0),
		TimeStamp: at(500),
		Config:    jetstream.StreamConfig{MaxAge: 100 * time.Second, MaxMsgsPerSubject: 10},
		State:     jetstream.StreamState{FirstSeq: 70, FirstTime: at(420), LastSeq: 90},
	}
	tests := []struct {
		name   string
		change func(*jetstream.StreamInfo)
		after  uint64
		since  int
		got    int
		want   bool
	}{
		{name: "short outage", after: 50, since: 450, got: 9, want: true},
		{name: "nothing said", after: 50, since: 450, want: true},
		{name: "as many as are kept", after: 50, since: 450, got: 10},
		{name: "as long as the age", after: 50, since: 400, got: 1},
		{name: "but for the slack", after: 50, since: 401, got: 1, want: true},
		{name: "the slack", after: 50, since: 400, got: 1},
		{name: "made anew since", change: func(i *jetstream.StreamInfo) { i.Created = at(451) },
			after: 50, since: 450},
		{name: "made in the same instant", change: func(i *jetstream.StreamInfo) { i.Created = at(450) },
			after: 50, since: 450, want: true},
		{name: "after the end", after: 91, since: 450},
		{name: "at the end", after: 90, since: 450, want: true},
		{name: "no age, no count", change: func(i *jetstream.StreamInfo) {
			i.Config = jetstream.StreamConfig{}
		},
			after: 50, since: 1, got: 1000, want: true},
		{name: "bytes, first before", change: func(i *jetstream.StreamInfo) { i.Config.MaxBytes = 1 },
			after: 50, since: 450, got: 1, want: true},
		{name: "bytes, first since", change: func(i *jetstream.StreamInfo) {
			i.Config.MaxBytes = 1
			i.State.FirstTime = at(451)
		}, after: 50, since: 450, got: 1},
		{name: "messages, first since", change: func(i *jetstream.StreamInfo) {
			i.Config.MaxMsgs = 1
			i.State.FirstTime = at(451)
		}, after: 68, since: 450, got: 1},
		{name: "messages, first is the next", change: func(i *jetstream.StreamInfo) {
			i.Config.MaxMsgs = 1
			i.State.FirstTime = at(451)
		}, after: 69, since: 450, got: 1, want: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			info := base
			if test.change != nil {
				test.change(&info)
			}
			if got := nothingGone(&info, test.after, at(test.since), test.got); got != test.want {
				t.Errorf("nothingGone(after %d, since %d, got %d) = %v, want %v",
					test.after, test.since, test.got, got, test.want)
			}
		})
	}
}
