package frame

import (
	"bytes"
	"io"
	"runtime"
	"runtime/debug"
	"testing"
	"testing/iotest"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// allocated returns how many bytes the process has allocated so far.
func allocated() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}

// A header gets at most trusted bytes of memory. Bytes that arrive get a small
// multiple.
func TestClaimedMemory(t *testing.T) {
	first := wstest.Binary(nil).More()
	for _, test := range []struct {
		name   string
		frames []wstest.Frame
		borrow bool
		most   uint64
	}{
		{name: "frame", frames: []wstest.Frame{wstest.Binary(nil).Claiming(1 << 62)},
			most: trusted},
		{name: "borrowed", frames: []wstest.Frame{wstest.Binary(nil).Claiming(1 << 62)},
			borrow: true, most: trusted},
		{name: "fragment", frames: []wstest.Frame{first.Claiming(1 << 62)},
			most: trusted},
		{name: "second fragment", most: trusted,
			frames: []wstest.Frame{first, wstest.Continuation("").Claiming(1 << 62)}},
		{name: "with a part of it", most: 6 * 1e5,
			frames: []wstest.Frame{wstest.Binary(noise(1e5)).Claiming(1 << 62)}},
		{name: "borrowed, with a part of it", borrow: true, most: 12 * 1e5,
			frames: []wstest.Frame{wstest.Binary(noise(1e5)).Claiming(1 << 62)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			stream := wstest.Bytes(test.frames...)
			r := NewReader(NewBuffer(upTo(stream), 0), Options{Borrow: test.borrow})
			before := allocated()
			_, err := r.Next()
			// Leave some room for the test framework.
			if got := allocated() - before; err != errMore || got > test.most+32<<10 {
				t.Errorf("Next() = %v with %d bytes, want at most %d", err, got,
					test.most)
			}
		})
	}
}

// A message in the buffer is not copied. A large one has memory of its own in
// exactly its size, unless it is borrowed, fragmented or compressed.
func TestMemoryOfMessages(t *testing.T) {
	small, large := wstest.Binary(noise(100)), wstest.Binary(noise(50000))
	for _, test := range []struct {
		name    string
		frames  []wstest.Frame
		borrow  bool
		owned   bool
		buffer  bool // the data is in the read buffer
		release bool // the memory returns to a pool
	}{
		{name: "small", frames: []wstest.Frame{small}, buffer: true},
		{name: "small, borrowed", frames: []wstest.Frame{small}, borrow: true,
			buffer: true},
		{name: "large", frames: []wstest.Frame{large}, owned: true},
		{name: "larger than trusted",
			frames: []wstest.Frame{wstest.Binary(noise(500000))}, owned: true},
		{name: "large, borrowed", frames: []wstest.Frame{large}, borrow: true,
			release: true},
		{name: "fragments", release: true,
			frames: []wstest.Frame{small.More(), wstest.Continuation("a")}},
		{name: "compressed", release: true,
			frames: []wstest.Frame{wstest.Compressed(wstest.OpBinary, large.Payload)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			src := bytes.NewReader(wstest.Bytes(test.frames...))
			in := NewBuffer(src, 1024)
			buf, _ := in.Peek(0)
			r := NewReader(in, Options{Borrow: test.borrow, Inflate: true})
			m, err := r.Next()
			if err != nil || m.Owned != test.owned {
				t.Fatalf("Next() = Owned %t, %v, want %t", m.Owned, err, test.owned)
			}
			if got := within(buf[:cap(buf)], m.Data); got != test.buffer {
				t.Errorf("data in the read buffer = %t, want %t", got, test.buffer)
			}
			if got := r.message.block != nil; got != test.release {
				t.Errorf("data in pooled memory = %t, want %t", got, test.release)
			}
			// More capacity would waste memory, or let an append overwrite later bytes.
			if (test.owned || test.buffer) && cap(m.Data) != len(m.Data) {
				t.Errorf("capacity = %d, want %d", cap(m.Data), len(m.Data))
			}
			r.Release()
			if r.message.block != nil || r.message.data != nil {
				t.Error("after Release() the Reader holds the message")
			}
		})
	}
}

// within reports whether p lies in buf.
func within(buf, p []byte) bool {
	for i := range buf {
		if &buf[i] == &p[0] {
			return true
		}
	}
	return false
}

// A message in many small fragments is copied a few times, not once for each fragment.
func TestGrowth(t *testing.T) {
	const n, size = 300, 10_000
	stream := wstest.Text(a(size)).More().Append(nil)
	for range n - 2 {
		stream = wstest.Continuation(a(size)).More().Append(stream)
	}
	stream = wstest.Continuation(a(size)).Append(stream)
	r := NewReader(NewBuffer(bytes.NewReader(stream), 0), Options{})
	before := allocated()
	m, err := r.Next()
	if got := allocated() - before; len(m.Data) != n*size || err != nil ||
		got > 8*n*size {
		t.Errorf("Next() = %d bytes, %v, with %d bytes of memory", len(m.Data), err, got)
	}
}

// Data that belongs to the program does not change, whatever comes next.
func TestOwnedStays(t *testing.T) {
	large := wstest.Binary(noise(3000))
	other := wstest.Binary(make([]byte, 3000))
	r := NewReader(NewBuffer(bytes.NewReader(wstest.Bytes(large, other, other)), 0),
		Options{})
	m, err := r.Next()
	for err == nil {
		r.Release()
		_, err = r.Next()
	}
	if !m.Owned || !bytes.Equal(m.Data, large.Payload) || err != io.EOF {
		t.Errorf("the first message is not what it was, error %v", err)
	}
}

// Memory returns to the pool once, also after a fault.
func TestReleaseAfterFault(t *testing.T) {
	for _, bad := range []wstest.Frame{
		wstest.Text("a"), wstest.Continuation("\xff"),
		wstest.Ping("").WithRsv(wstest.Rsv2),
	} {
		stream := wstest.Bytes(wstest.Text("a").More(), bad)
		r := NewReader(NewBuffer(bytes.NewReader(stream), 0), Options{})
		if _, err := r.Next(); faultCode(err) == 0 {
			t.Fatalf("Next() = %v, want a fault", err)
		}
		if r.message.block != nil {
			t.Errorf("after %v the Reader holds the message", bad)
		}
	}
}

// loop returns the same bytes again and again.
type loop struct {
	p  []byte
	at int
}

func (l *loop) Read(p []byte) (int, error) {
	n := copy(p, l.p[l.at:])
	l.at = (l.at + n) % len(l.p)
	return n, nil
}

// A message costs only its memory: nothing in the buffer or in pooled memory,
// and one allocation if the program keeps the data.
func TestAllocs(t *testing.T) {
	if raceEnabled {
		t.Skip("sync.Pool drops at random under the race detector")
	}
	large := wstest.Text(a(60000))
	compressed := wstest.Compressed(wstest.OpText, []byte(a(20000)))
	for _, test := range []struct {
		name   string
		frames []wstest.Frame
		borrow bool
		want   float64
	}{
		{name: "small", frames: []wstest.Frame{wstest.Text("hello")}, want: 0},
		{name: "small with a ping", want: 0,
			frames: []wstest.Frame{wstest.Ping("p"), wstest.Text("hello")}},
		{name: "large", frames: []wstest.Frame{large}, want: 1},
		{name: "large, borrowed", frames: []wstest.Frame{large}, borrow: true, want: 0},
		{name: "above the pools' steps", borrow: true, want: 0,
			frames: []wstest.Frame{wstest.Text(a(900_000))}},
		{name: "fragments", want: 0,
			frames: []wstest.Frame{large.More(), wstest.Continuation(a(60000))}},
		{name: "compressed", frames: []wstest.Frame{compressed}, want: 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			src := &loop{p: wstest.Bytes(test.frames...)}
			r := NewReader(NewBuffer(src, 0),
				Options{Borrow: test.borrow, Inflate: true, OnControl: ignore})
			next := func() {
				if _, err := r.Next(); err != nil {
					t.Fatal(err)
				}
				r.Release()
			}
			next()
			// A garbage collection empties the pools, which is not the message's fault.
			defer debug.SetGCPercent(debug.SetGCPercent(-1))
			if got := testing.AllocsPerRun(100, next); got != test.want {
				t.Errorf("allocations = %v, want %v", got, test.want)
			}
		})
	}
}

// Bytes that come together with the end of the stream count, in the buffer and past it.
func TestDataWithEOF(t *testing.T) {
	for _, size := range []int{0, 5, 200, 1000, 70000} {
		stream := wstest.Bytes(wstest.Text(a(size)))
		src := iotest.DataErrReader(bytes.NewReader(stream))
		got, err := events(src, Options{})
		if len(got) != 1 || got[0] != "m "+a(size) || err != io.EOF {
			t.Errorf("%d bytes: events = %s, %v, want the message, %v", size, brief(got),
				err, io.EOF)
		}
	}
}

// Contract 4.2: a small compressed message takes memory in proportion to what it inflates
// to, and no more than the limit justifies.
func TestInflatedMemory(t *testing.T) {
	const limit = 64 << 10
	for _, size := range []int{limit, 10 * limit} {
		bomb := wstest.Compressed(wstest.OpBinary, make([]byte, size))
		r := NewReader(NewBuffer(bytes.NewReader(wstest.Bytes(bomb)), 0),
			Options{Inflate: true, Limit: limit})
		if _, err := r.Next(); (err == nil) != (size <= limit) {
			t.Errorf("Next() of %d bytes = %v", size, err)
		}
		if got := cap(*blockOf(r)); got > limit {
			t.Errorf("a message of %d bytes is in a block of %d, want at most %d", size, got,
				limit)
		}
		r.Release()
	}
}

func blockOf(r *Reader) *[]byte {
	if r.message.block == nil {
		return new([]byte) // it was given back
	}
	return r.message.block
}
