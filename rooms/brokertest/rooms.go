package brokertest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// testRoomsLateComers: members come and go while the other process broadcasts. What was
// on its way to those that have left is not given to those that come, or they would be
// told that they missed what was said between.
func testRoomsLateComers(t *testing.T, n Network) {
	const visits = 300
	told := make(chan error, 1000)
	a := rooms.New(&rooms.Options[string]{Broker: n.Connect(t)})
	b := rooms.New(&rooms.Options[string]{
		Broker:  n.Connect(t),
		OnError: func(_ string, err error) { told <- err },
	})
	stop := make(chan struct{})
	var speaker sync.WaitGroup
	speaker.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Microsecond):
				for range 20 {
					a.Broadcast("room", fmt.Sprint(i))
				}
			}
		}
	})
	for range visits {
		in := make(inbox, 1<<14)
		m, err := b.Join("room", in, nil, nil)
		if err != nil {
			t.Fatalf("Join = %v, want no error", err)
		}
		in.next(t)
		m.Leave()
	}
	close(stop)
	speaker.Wait()
	if len(told) > 0 {
		t.Errorf("OnError got %d errors, %v, want none", len(told), <-told)
	}
}
