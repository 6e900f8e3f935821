package brokertest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// testOrder: several publish at the same time, and several receive. Each publisher's
// messages arrive once and in order. A mark after them shows that no more will come.
func testOrder(t *testing.T, n Network) {
	const each = 1000
	publishers := []rooms.Broker{n.Connect(t), n.Connect(t), n.Connect(t)}
	first, second := n.Connect(t), n.Connect(t)
	receivers := []inbox{subscribe(t, first, "room"), subscribe(t, second, "room")}
	var wg sync.WaitGroup
	for p, broker := range publishers {
		wg.Go(func() {
			for i := range each {
				if err := broker.Publish("room", fmt.Appendf(nil, "%d %d", p, i)); err != nil {
					t.Errorf("Publish = %v, want no error", err)
					return
				}
			}
		})
	}
	wg.Wait()
	for _, in := range receivers {
		var all []string
		for p, broker := range publishers {
			all = append(all, in.until(t, fmt.Sprint(p), marks(broker, "room"))...)
		}
		wantOrder(t, all, len(publishers), each)
	}
}

// wantOrder checks that each publisher's messages came once and in order.
func wantOrder(t *testing.T, all []string, publishers, each int) {
	t.Helper()
	next := make([]int, publishers)
	for _, msg := range all {
		var p, i int
		if _, err := fmt.Sscanf(msg, "%d %d", &p, &i); err != nil {
			t.Fatalf("received %.80q, want only what was published", msg)
		}
		if i != next[p] {
			t.Fatalf("publisher %d: received %d, want %d", p, i, next[p])
		}
		next[p]++
	}
	for p, n := range next {
		if n != each {
			t.Errorf("publisher %d: received %d messages, want %d", p, n, each)
		}
	}
}
