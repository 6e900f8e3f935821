package brokertest

import (
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// testRoomsLateComers: members come and go while the other process broadcasts. What was
// on its way to those that have left is not given to those that come, or they would be
// told that they missed what was said between.
func testRoomsLateComers(t *testing.T, n Network) {
	const visits, burst = 100, 20
	told := make(chan error, 1000)
	a := rooms.New(&rooms.Options[string]{Broker: n.Connect(t)})
	b := rooms.New(&rooms.Options[string]{
		Broker:  n.Connect(t),
		OnError: func(_ string, err error) { told <- err },
	})
	for range visits {
		in := make(inbox, burst)
		m, err := b.Join("room", in, nil, nil)
		if err != nil {
			t.Fatalf("Join = %v, want no error", err)
		}
		for range burst {
			a.Broadcast("room", "on its way")
		}
		in.next(t)
		m.Leave()
		a.Broadcast("room", "said between")
	}
	if len(told) > 0 {
		t.Errorf("OnError got %d errors, %v, want none", len(told), <-told)
	}
}
