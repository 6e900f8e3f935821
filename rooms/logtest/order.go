package logtest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
)

func testOrder(t *testing.T, s Store) { order(t, s, s.Connect(t), s.Connect(t)) }

// testProcesses: the same with a follower in each process.
func testProcesses(t *testing.T, s Store) {
	a, b := s.Connect(t), s.Connect(t)
	first := follow(t, a, "room")
	all := order(t, s, b, a)
	var others []rooms.Entry
	for range all {
		others = append(others, first.next(t))
	}
	if !same(others, all) {
		t.Errorf("one process followed %s, another %s, want the same", texts(others),
			texts(all))
	}
}

// order: entries that are appended at the same time have one order, for followers and for
// readers, which keeps the order of each appender. It returns the entries.
func order(t *testing.T, s Store, followed, other rooms.Log) (all []rooms.Entry) {
	const publishers = 3
	each := 200
	if s.Count > 0 {
		each = min(s.Count/4, each) // all are kept, and some more could be
	}
	tail := follow(t, followed, "room")
	start := tail.at
	var wg sync.WaitGroup
	defer wg.Wait()
	places := make(map[string]rooms.Place)
	var mu sync.Mutex
	for p := range publishers {
		wg.Go(func() {
			for i := range each {
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
	next := make([]int, publishers)
	for range publishers * each {
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
	for _, e := range all {
		if want := places[string(e.Data)]; e.Place != want {
			t.Errorf("%q followed at %v, want %v as appended", e.Data, e.Place, want)
		}
	}
	wantRead(t, other, "room", all[0].Place, true, all[1:])
	if got, _ := read(t, followed, "room", start); !same(got, all) {
		t.Errorf("read %s, want %s as followed", texts(got), texts(all))
	}
	return all
}
