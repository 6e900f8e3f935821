package brokertest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func testBytes(t *testing.T, n Network) {
	a, b := n.Connect(t), n.Connect(t)
	in := subscribe(t, b, "room")
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	large := strings.Repeat("large ", 10_000)
	for _, data := range []string{"", "x", string(every), "line\r\nline", large} {
		publish(t, a, "room", data)
		in.want(t, data)
	}
}

// testOwnership: a publisher may use its buffer again, a receiver may write to what it
// got.
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

// testSize: what is too large for the network is an error of Publish, never lost.
func testSize(t *testing.T, n Network) {
	a, b := n.Connect(t), n.Connect(t)
	in := subscribe(t, b, "room")
	for size := 1 << 10; size <= 8<<20; size *= 2 {
		data := bytes.Repeat([]byte{'x'}, size)
		err := a.Publish("room", data)
		if err != nil && size <= 64<<10 {
			t.Errorf("Publish(%d bytes) = %v, want no error", size, err)
		}
		got := in.until(t, fmt.Sprint(size), marks(a, "room"))
		if err == nil && (len(got) != 1 || got[0] != string(data)) {
			t.Errorf("Publish(%d bytes) = no error, and the message is lost", size)
		}
	}
}
