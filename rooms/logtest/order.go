package logtest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
)

func testOrder(t *testing.T, s Store) { order(t, s.Count, s.Connect(t), s.Connect(t)) }

// testProcesses: the same with a follower in each process.
func testProcesses(t *testing.T, s Store) {
	a, b := s.Connect(t), s.Connect(t)
	first := follow(t, a, "room")
	start := first.at
	var all, others []rooms.Entry
	order(t, s.Count, b, a, func() {
		for range len(publishers(s.Count)) * each(s.Count) {
			all = append(all, first.next(t))
		}
	})
	others, _ = read(t, a, "room", start)
	if !same(all, others) {
		t.Errorf("one process followed %s, another read %s, want the same", texts(all), texts(others))
	}
}

func publishers(int) []int { return []int{0, 1, 2} }

func each(count int) int {
	if count > 0 {
		return min(count/4, 200) // all are kept, and some more could be
	}
	return 200
}

// order: entries that are appended at the same time have one order, for followers and for
// readers. It keeps the order of each appender. Meanwhile runs in the meantime.
func order(t *testing.T, count int, followed, other rooms.Log, meanwhile ...func()) {
	tail := follow(t, followed, "room")
	start := tail.at
	var wg sync.WaitGroup
	defer wg.Wait()
	places := make(map[string]rooms.Place)
	var mu sync.Mutex
	for p := range publishers(count) {
		wg.Go(func() {
			for i := range each(count) {
				data := fmt.Sprint(p, " ", i)
				place, err := []rooms.Log{followed, other}[p%2].Append(soon(t), "room", data, []byte(data))
				if err != nil {
					t.Errorf("Append = %v, want no error", err)
				}
				mu.Lock()
				places[data] = place
				mu.Unlock()
			}
		})
	}
	var all []rooms.Entry
	next := make([]int, 3)
	for range len(next) * each(count) {
		e := tail.next(t)
		all = append(all, e)
		var p, i int
		fmt.Sscan(string(e.Data), &p, &i)
		if i != next[p] {
			t.Fatalf("publisher %d: followed %d, want %d", p, i, next[p])
		}
		next[p]++
	}
	wg.Wait()
	for _, run := range meanwhile {
		run()
	}
	for _, e := range all {
		if want := places[string(e.Data)]; e.Place != want {
			t.Errorf("%q followed at %v, want %v as appended", e.Data, e.Place, want)
		}
	}
	wantRead(t, other, "room", all[0].Place, true, all[1:])
	if got, _ := read(t, followed, "room", start); !same(got, all) {
		t.Errorf("read %s, want %s as followed", texts(got), texts(all))
	}
}
