package wire

import (
	"bytes"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// Contract 6: WriteWait covers all writes of a batch together, and starts again
// for each batch.
func TestWriteWait(t *testing.T) {
	for _, test := range []struct {
		name    string
		slow    time.Duration // the time of each write
		batches [][]int       // sizes of the writes
		want    time.Duration // 0: all is written
	}{
		{name: "in time", slow: 4 * time.Second, batches: [][]int{{1}}},
		{name: "too slow", slow: 6 * time.Second, batches: [][]int{{1}},
			want: 5 * time.Second},
		{name: "a batch each", slow: 4 * time.Second,
			batches: [][]int{{1}, {1}, {20000}}},
		{name: "two of a batch", slow: 3 * time.Second, batches: [][]int{{20000, 20000}},
			want: 5 * time.Second},
		{name: "gathered", slow: 3 * time.Second, batches: [][]int{{1, 20000}},
			want: 5 * time.Second},
		{name: "with the rest", slow: 3 * time.Second, batches: [][]int{{20000, 1}},
			want: 5 * time.Second},
		{name: "in the second", slow: 2 * time.Second, want: 7 * time.Second,
			batches: [][]int{{1}, {20000, 20000, 20000}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, network, _ := slowPair(t, 5*time.Second)
				network.Slow(test.slow)
				begin := time.Now()
				err := writeBatches(c, test.batches)
				took := time.Since(begin)
				if test.want == 0 && err != nil || test.want != 0 &&
					(!IsTimeout(err) || took != test.want) {
					t.Errorf("after %v error = %v, want a timeout after %v", took, err,
						test.want)
				}
			})
		})
	}
}

// writeWaitResumedTest is a row of TestWriteWaitResumed.
type writeWaitResumedTest struct {
	name    string
	batches [][]int       // sizes of the writes
	want    time.Duration // 0: all is written
}

// The same if a write goes on after an old deadline. The peer reads 1000 bytes
// a second.
func TestWriteWaitResumed(t *testing.T) {
	for _, test := range []writeWaitResumedTest{
		{name: "in time", batches: [][]int{{20000}}},
		{name: "a batch each", batches: [][]int{{20000}, {3, 20000}, {20000}}},
		{name: "too slow", batches: [][]int{{40000}}, want: 30 * time.Second},
		{name: "two of a batch", batches: [][]int{{20000, 20000}},
			want: 30 * time.Second},
		{name: "with the rest", batches: [][]int{{29000, 3000}}, want: 30 * time.Second},
		{name: "gathered", batches: [][]int{{16000, 20000}}, want: 30 * time.Second},
	} {
		t.Run(test.name, test.run)
	}
}

func (test writeWaitResumedTest) run(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, 30*time.Second)
		p.wire.Writing.resumable = true
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			for err := error(nil); err == nil; {
				time.Sleep(time.Second)
				_, err = io.ReadFull(p.peer, make([]byte, 1000))
			}
		}()
		begin := time.Now()
		err := writeBatches(p.wire, test.batches)
		took := time.Since(begin)
		p.wire.Abort()
		<-gone
		if test.want == 0 && err != nil || test.want != 0 &&
			(!IsTimeout(err) || took != test.want) {
			t.Errorf("after %v error = %v, want a timeout after %v", took, err,
				test.want)
		}
	})
}

func writeBatches(c *Conn, batches [][]int) error {
	for _, sizes := range batches {
		for _, n := range sizes {
			c.Write(make([]byte, n))
		}
		if err := c.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// writeGoesOnTest is a row of TestWriteGoesOn.
type writeGoesOnTest struct {
	name      string
	sizes     []int
	resumable bool
	shrink    bool // the deadline is moved closer and back again
	want      bool
}

// An old deadline that interrupts a write does not end it: the write continues
// where it stopped. A TLS write cannot do that, so it gets its own deadline.
func TestWriteGoesOn(t *testing.T) {
	for _, test := range []writeGoesOnTest{
		{name: "batch", sizes: []int{5000}, resumable: true, want: true},
		{name: "large", sizes: []int{50000}, resumable: true, want: true},
		{name: "gathered", sizes: []int{5000, 50000}, resumable: true, want: true},
		{name: "batch, TLS", sizes: []int{5000}, want: true},
		{name: "gathered, TLS", sizes: []int{5000, 50000}, want: true},
		{name: "drawn nearer", sizes: []int{5000, 50000}, resumable: true, shrink: true,
			want: true},
		{name: "drawn nearer, TLS", sizes: []int{5000, 50000}, shrink: true},
	} {
		t.Run(test.name, test.run)
	}
}

func (test writeGoesOnTest) run(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, 10*time.Second)
		p.wire.Writing.resumable = test.resumable
		p.wire.Write([]byte("a"))
		p.wire.Flush()
		time.Sleep(9 * time.Second)
		if test.shrink {
			p.wire.Writing.Until(time.Second)
			time.AfterFunc(time.Second/2,
				func() { p.wire.Writing.Until(time.Minute) })
		}
		got := make(chan []byte, 1)
		time.AfterFunc(5*time.Second, func() {
			all, _ := io.ReadAll(p.peer)
			got <- all
		})

		want := writeSizes(t, p.wire, test.sizes)
		err := p.wire.Flush()
		p.wire.Abort()

		if (err == nil) != test.want || err != nil && !IsTimeout(err) {
			t.Errorf("Flush() = %v, want success: %t", err, test.want)
		}
		if all := <-got; !bytes.HasPrefix(append([]byte("a"), want...), all) ||
			test.want && len(all) != 1+len(want) {
			t.Errorf("the peer has read %d bytes, want %d", len(all), 1+len(want))
		}
	})
}
