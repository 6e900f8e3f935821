package brokertest

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
)

func testBytes(t *testing.T, n Network) {
	a, b := n.Connect(t), n.Connect(t)
	in := subscribe(t, b, "room")
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	for _, data := range []string{"", "x", string(every), "line\r\nline", strings.Repeat("large ", 10_000)} {
		publish(t, a, "room", data)
		in.want(t, data)
	}
}

// testOwnership: a publisher may use its buffer again, a receiver may write to what it got.
func testOwnership(t *testing.T, n Network) {
	a, b, c := n.Connect(t), n.Connect(t), n.Connect(t)
	first, second := subscribe(t, b, "room"), make(inbox, 10)
	if err := c.Subscribe("room", func(data []byte, lost error) {
		second.receive(data, lost)
		clear(data)
	}); err != nil {
		t.Fatalf("Subscribe = %v, want no error", err)
	}
	buffer := []byte("as it was")
	for range 3 {
		if err := a.Publish("room", buffer); err != nil {
			t.Fatalf("Publish = %v, want no error", err)
		}
		kept := bytes.Clone(buffer)
		clear(buffer)
		first.want(t, string(kept))
		second.want(t, string(kept))
		copy(buffer, kept)
	}
}

func testOrder(t *testing.T, n Network) {
	const publishers, each = 3, 1000
	receivers := []inbox{subscribe(t, n.Connect(t), "room"), subscribe(t, n.Connect(t), "room")}
	var wg sync.WaitGroup
	for p := range publishers {
		broker := n.Connect(t)
		wg.Go(func() {
			for i := range each {
				if err := broker.Publish("room", fmt.Appendf(nil, "%d %d", p, i)); err != nil {
					t.Errorf("Publish = %v, want no error", err)
				}
			}
		})
	}
	for _, in := range receivers {
		var next [publishers]int
		for range publishers * each {
			var p, i int
			fmt.Sscan(in.next(t), &p, &i)
			if i != next[p] {
				t.Fatalf("publisher %d: received %d, want %d", p, i, next[p])
			}
			next[p]++
		}
	}
	wg.Wait()
}

// testNames: each room gets its own, whatever the name would mean in the network's language.
func testNames(t *testing.T, n Network) {
	long := strings.Repeat("long", 2000)
	names := []string{
		"", " ", ".", "..", "a", "A", "a.b", "a.*", "a.>", "*", ">", "a b", "\t", "a\r\nPUB b 0\r\n", "\x00", "\xff\xfe", "é", "e\u0301",
		"部屋", "$SYS", "_INBOX.a", "#", "+", "a/b", long, long + "1", long + "2",
	}
	a, b := n.Connect(t), n.Connect(t)
	in := make([]inbox, len(names))
	for i, name := range names {
		in[i] = subscribe(t, b, name)
	}
	for round := range 2 {
		for i, name := range names {
			publish(t, a, name, fmt.Sprint(round, name))
			in[i].want(t, fmt.Sprint(round, name))
		}
	}
	for i, name := range names {
		if len(in[i]) > 0 {
			t.Errorf("room %.20q also received %.20q, want nothing", name, <-in[i])
		}
	}
}
