package brokertest

import (
	"fmt"
	"strings"
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
		for p, got := range numbers(t, all, len(publishers)) {
			if fault := faultOf(got, each); fault != "" {
				t.Errorf("of publisher %d: %s", p, fault)
			}
		}
	}
}

// numbers sorts messages by their publishers.
func numbers(t *testing.T, messages []string, publishers int) [][]int {
	t.Helper()
	all := make([][]int, publishers)
	for _, msg := range messages {
		var p, i int
		if _, err := fmt.Sscanf(msg, "%d %d", &p, &i); err != nil {
			t.Fatalf("received %.80q, want only what was published", msg)
		}
		all[p] = append(all[p], i)
	}
	return all
}

// faultOf says what is wrong with numbers that should be 0 to n-1 in order.
func faultOf(got []int, n int) string {
	var faults []string
	seen, last := make(map[int]bool), -1
	twice, late := 0, 0
	for _, i := range got {
		switch {
		case seen[i]:
			twice++
		case i < last:
			late++
		}
		seen[i], last = true, max(last, i)
	}
	if lost := n - len(seen); lost > 0 {
		faults = append(faults, fmt.Sprintf("%d of %d messages are lost", lost, n))
	}
	if twice > 0 {
		faults = append(faults, fmt.Sprintf("%d messages came twice", twice))
	}
	if late > 0 {
		faults = append(faults, fmt.Sprintf("%d messages came out of order", late))
	}
	return strings.Join(faults, ", ")
}
