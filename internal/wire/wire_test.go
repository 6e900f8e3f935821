package wire

import (
	"bytes"
	"io"
	"slices"
	"testing"
	"time"
)

// batchTest is a row of TestBatch.
type batchTest struct {
	name  string
	sizes []int // of the writes
	want  []int // the sizes on the network
	late  []int // the ones that Flush writes
	full  bool
}

// A batch is one write to the network. Data that does not fit goes out at once,
// after the batch. Nothing is lost or reordered.
func TestBatch(t *testing.T) {
	const full = batchSize
	for _, test := range []batchTest{
		{name: "nothing"},
		{name: "one", sizes: []int{5}, late: []int{5}},
		{name: "many", sizes: []int{5, 6, 1, 0, 1000}, late: []int{1012}},
		{name: "just not full", sizes: []int{full - 2, 1}, late: []int{full - 1}},
		{name: "just full", sizes: []int{full - 1, 1}, late: []int{full}, full: true},
		{name: "full, and nothing", sizes: []int{full, 0}, late: []int{full}, full: true},
		{name: "one more", sizes: []int{full - 1, 2}, want: []int{full - 1, 2},
			full: true},
		{name: "large", sizes: []int{full + 1}, want: []int{full + 1}, full: true},
		{name: "large after small", sizes: []int{3, 4, 5 * full},
			want: []int{7, 5 * full}, full: true},
		{name: "small after large", sizes: []int{2 * full, 3, 4}, want: []int{2 * full},
			late: []int{7}, full: true},
		{name: "in turns", sizes: []int{1, 2 * full, 2, 3 * full, 3}, full: true,
			want: []int{1, 2 * full, 2, 3 * full}, late: []int{3}},
	} {
		t.Run(test.name, test.run)
	}
}

func (test batchTest) run(t *testing.T) {
	network := &recorded{}
	c := New(network, 0)
	c.Upgraded()
	for range 3 { // three batches
		network.sizes = nil
		network.written.Reset()
		want := writeSizes(t, c, test.sizes)
		if !slices.Equal(network.sizes, test.want) || c.Full() != test.full {
			t.Errorf("before Flush writes = %d, Full() = %t, want %d, %t",
				network.sizes, c.Full(), test.want, test.full)
		}
		for range 2 { // the second call does nothing
			if err := c.Flush(); err != nil || c.Full() {
				t.Errorf("Flush() = %v, Full() = %t, want nil, false", err,
					c.Full())
			}
		}
		all := slices.Concat(test.want, test.late)
		if !slices.Equal(network.sizes, all) {
			t.Errorf("writes = %d, want %d", network.sizes, all)
		}
		if !bytes.Equal(network.written.Bytes(), want) {
			t.Error("the bytes on the network are not those written")
		}
	}
}

// writeSizes writes pieces of the given sizes and returns all of their bytes.
func writeSizes(t *testing.T, c *Conn, sizes []int) []byte {
	t.Helper()
	total := 0
	for _, n := range sizes {
		total += n
	}
	all := numbered(total)
	at := 0
	for _, n := range sizes {
		p := bytes.Clone(all[at : at+n])
		if got, _ := c.Write(p); got != n { // Flush returns the error too
			t.Errorf("Write of %d bytes = %d", n, got)
		}
		clear(p) // Write keeps nothing of p
		at += n
	}
	return all
}

// Over TCP a large write is gathered with the batch. Only the kernel could show
// that this is one system call. This test shows that the order stays right
// while the peer reads slowly.
func TestBatchOverTCP(t *testing.T) {
	server, client := tcpPair(t)
	c := New(server, time.Minute)
	c.Upgraded()
	sizes := []int{10, 3 << 20, 20, 1 << 20, 30}
	sent := make(chan error, 1)
	go func() {
		writeSizes(t, c, sizes)
		sent <- c.Flush()
	}()

	got := make([]byte, 4<<20+60)
	if _, err := io.ReadFull(client, got); err != nil {
		t.Fatal(err)
	}
	if err := <-sent; err != nil || !bytes.Equal(got, numbered(len(got))) {
		t.Errorf("Flush() = %v, bytes as they were written: %t, want nil, true", err,
			bytes.Equal(got, numbered(len(got))))
	}
	if !c.Writing.resumable {
		t.Error("a write over TCP cannot go on after a timeout, want that it can")
	}
}

// Contract 4.1: after a failed write nothing is written, and the error stays.
func TestFailedWrite(t *testing.T) {
	for _, test := range []struct {
		name   string
		failAt int
		sizes  []int
	}{
		{name: "a batch", failAt: 1, sizes: []int{5}},
		{name: "a large one", failAt: 1, sizes: []int{1 << 20}},
		{name: "what a large one finds", failAt: 1, sizes: []int{5, 1 << 20}},
		{name: "a large one after a batch", failAt: 2, sizes: []int{5, 1 << 20}},
	} {
		t.Run(test.name, func(t *testing.T) {
			network := &recorded{failAt: test.failAt}
			c := New(network, 0)
			c.Upgraded()
			for _, n := range test.sizes {
				c.Write(make([]byte, n))
			}
			if err := c.Flush(); err != errCable {
				t.Errorf("Flush() = %v, want %v", err, errCable)
			}
			for range 10 {
				c.Write(make([]byte, batchSize/2))
				if n, err := c.Write(make([]byte, 1<<20)); n != 1<<20 || err != errCable {
					t.Errorf("Write() = %d, %v, want all of it, %v", n, err, errCable)
				}
			}
			if err := c.Flush(); err != errCable || len(network.sizes) != test.failAt {
				t.Errorf("Flush() = %v after %d writes, want %v, %d", err,
					len(network.sizes), errCable, test.failAt)
			}
		})
	}
}

// A batch's memory returns to its pool once, however often Flush is called.
// Otherwise two connections would overwrite each other.
func TestBatchMemory(t *testing.T) {
	for _, failAt := range []int{0, 1} {
		c := New(&recorded{failAt: failAt}, 0)
		c.Upgraded()
		c.Write([]byte("a"))
		for range 3 {
			c.Flush()
		}
		if c.batch != nil {
			t.Error("after Flush the connection holds a batch")
		}
		seen := make(map[*[batchSize]byte]bool)
		for range 5 {
			other := New(&recorded{}, 0)
			other.Upgraded()
			other.Write([]byte("a"))
			if seen[other.batch] {
				t.Error("two connections share a batch")
			}
			seen[other.batch] = true
		}
	}
}

// Flushing a batch allocates nothing.
func TestAllocs(t *testing.T) {
	if raceEnabled {
		t.Skip("sync.Pool drops at random under the race detector")
	}
	network := &recorded{}
	c := New(network, time.Minute)
	c.Upgraded()
	small, large := []byte("hello"), make([]byte, batchSize)
	got := testing.AllocsPerRun(100, func() {
		network.sizes = network.sizes[:0]
		network.written.Reset()
		c.Write(small)
		c.Write(large)
		c.Write(small)
		if err := c.Flush(); err != nil {
			t.Fatal(err)
		}
	})
	if got != 0 {
		t.Errorf("allocations = %v, want 0", got)
	}
}
