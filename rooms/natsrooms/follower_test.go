package natsrooms

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/chain"
)

// republished makes a message as the stream republishes it.
func republished(headers ...string) *nats.Msg {
	msg := nats.NewMsg("live")
	msg.Header.Set("Nats-Time-Stamp", time.Unix(1000, 0).UTC().Format(time.RFC3339Nano))
	for i := 0; i < len(headers); i += 2 {
		msg.Header.Set(headers[i], headers[i+1])
	}
	return msg
}

// Contract 11.5: the room gets each entry with the place before it, and otherwise
// looks.
func TestFollowerReceives(t *testing.T) {
	at := rooms.Place{Seq: 5, Tag: 50}
	prev := chain.Format(at, 36)
	next := rooms.Place{Seq: 9, Tag: 90}
	look := rooms.News{}
	tests := []struct {
		name    string
		headers []string
		want    []rooms.News
	}{
		{name: "the next", headers: []string{"Nats-Sequence", "9", "Rooms-Tag", "2i",
			"Rooms-Prev", prev}, want: []rooms.News{{Entry: rooms.Entry{Place: next}, Prev: at}}},
		{name: "a stranger's", headers: []string{"Nats-Sequence", "9"}, want: []rooms.News{look}},
		{name: "a bad tag", headers: []string{"Nats-Sequence", "9", "Rooms-Tag", "0",
			"Rooms-Prev", prev}, want: []rooms.News{look}},
		{name: "a bad link", headers: []string{"Nats-Sequence", "9", "Rooms-Tag", "2i",
			"Rooms-Prev", "5"}, want: []rooms.News{look}},
		{name: "not from the stream", headers: []string{"Rooms-Tag", "2i", "Rooms-Prev", prev}},
		{name: "a mark", headers: []string{"Nats-Sequence", "9", "Rooms-Tag", "2i",
			"Rooms-Prev", prev, "Rooms-Until", "0"}},
		{name: "a mark of another end", headers: []string{"Nats-Sequence", "9", "Rooms-Tag", "2i",
			"Rooms-Prev", "6-1", "Rooms-Until", "0"}, want: []rooms.News{look}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []rooms.News
			f := &follower{breaks: func() uint64 { return 0 },
				receive: func(n rooms.News) { n.Data = nil; got = append(got, n) }}
			f.setEnd(end{at, 5}, 0, time.Now())
			f.Open()
			f.Receive(republished(test.headers...))
			if !slices.EqualFunc(got, test.want, func(a, b rooms.News) bool {
				return a.Place == b.Place && a.Prev == b.Prev && a.Err == b.Err
			}) {
				t.Errorf("received %+v, want %+v", got, test.want)
			}
		})
	}
}

// What comes before Follow returns has to be looked for; a loss makes the end unknown,
// and so does a break of the connection.
func TestFollowerKnows(t *testing.T) {
	breaks, received := uint64(3), 0
	f := &follower{breaks: func() uint64 { return breaks },
		receive: func(rooms.News) { received++ }}
	known := func(want bool, why string) {
		t.Helper()
		if _, ok := f.knownEnd(breaks); ok != want {
			t.Errorf("the end is known: %v, want %v: %s", ok, want, why)
		}
	}
	known(false, "nothing was read")
	next := republished("Nats-Sequence", "9", "Rooms-Tag", "1", "Rooms-Prev", "0-0")
	f.Receive(next)
	known(true, "it was heard")
	if early := f.Open(); !early || received != 0 {
		t.Errorf("Open = %v after %d calls, want early, and none", early, received)
	}
	f.Lose(nil)
	known(true, "there was no sign of a loss")
	f.Lose(errors.New("lost"))
	known(false, "something was lost")
	f.Receive(next)
	breaks++
	known(false, "there was a break")
	f.setEnd(end{rooms.Place{Seq: 4}, 4}, breaks, time.Now())
	known(true, "it was read")
	f.setEnd(end{rooms.Place{Seq: 3}, 3}, breaks, time.Now())
	if at, _ := f.knownEnd(breaks); at.seq != 4 {
		t.Errorf("the end is %v, want the later one", at)
	}
	if received != 3 {
		t.Errorf("received %d, want 3", received)
	}
}
