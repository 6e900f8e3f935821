package mempipe

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// readAll reads to the end in pieces of different sizes.
func readAll(c net.Conn) ([]byte, error) {
	var all []byte
	for size := 1; ; size = size%977 + 1 {
		p := make([]byte, size)
		n, err := c.Read(p)
		all = append(all, p[:n]...)
		if err != nil {
			return all, err
		}
	}
}

func TestTransfer(t *testing.T) {
	for _, buffer := range []int{1, 2, 7, 4096, 0} {
		t.Run(fmt.Sprint(buffer), func(t *testing.T) {
			client, server := Pipe(buffer)
			var wg sync.WaitGroup
			wg.Go(func() { transfer(t, client, server) })
			wg.Go(func() { transfer(t, server, client) })
			wg.Wait()
		})
	}
}

// transfer writes random bytes in pieces of different sizes, and wants to read the
// same at the other end.
func transfer(t *testing.T, from, to *Conn) {
	want := make([]byte, 20_000)
	for i := range want {
		want[i] = byte(rand.Int())
	}
	var reading sync.WaitGroup
	reading.Go(func() {
		got, err := readAll(to)
		if err != io.EOF || !bytes.Equal(got, want) {
			t.Errorf("read %d bytes, %v, want the %d that were written and EOF",
				len(got), err, len(want))
		}
	})
	for at, size := 0, 1; at < len(want); size = size * 3 % 4099 {
		piece := want[at:min(at+size, len(want))]
		at += size
		if n, err := from.Write(piece); err != nil {
			t.Errorf("Write() = %d, %v, want nil", n, err)
		}
	}
	if err := from.CloseWrite(); err != nil {
		t.Errorf("CloseWrite() = %v, want nil", err)
	}
	reading.Wait()
}

// TestRing compares the ring with a simple queue.
func TestRing(t *testing.T) {
	for _, size := range []int{1, 2, 7} {
		h := newHalf(size)
		var queue []byte
		next := byte(0)
		for range 10_000 {
			in := make([]byte, rand.IntN(size+2))
			for i := range in {
				in[i] = next + byte(i)
			}
			n := h.put(in)
			if want := min(len(in), size-len(queue)); n != want {
				t.Fatalf("put(%d bytes) with %d of %d used = %d, want %d", len(in),
					len(queue), size, n, want)
			}
			queue = append(queue, in[:n]...)
			next += byte(n)

			out := make([]byte, rand.IntN(size+2))
			n = h.take(out)
			if want := queue[:min(len(out), len(queue))]; !bytes.Equal(out[:n], want) {
				t.Fatalf("take() = %v, want %v", out[:n], want)
			}
			queue = queue[n:]
		}
	}
}

// An empty Read does not wait.
func TestEmptyRead(t *testing.T) {
	client, _ := Pipe(0)
	if n, err := client.Read(nil); n != 0 || err != nil {
		t.Errorf("Read(nil) = %d, %v, want 0, nil", n, err)
	}
}

func TestBufferIsBounded(t *testing.T) {
	for _, tt := range []struct{ buffer, want int }{{1, 1}, {10, 10}, {0, DefaultBuffer},
		{-1, DefaultBuffer}} {
		synctest.Test(t, func(t *testing.T) {
			client, _ := Pipe(tt.buffer)
			client.SetWriteDeadline(time.Now().Add(time.Second))
			n, err := client.Write(make([]byte, 1<<20))
			if n != tt.want || !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("Write() into a buffer of %d = %d, %v, want %d, %v", tt.buffer,
					n, err, tt.want, os.ErrDeadlineExceeded)
			}
		})
	}
}

func TestWritesDoNotMix(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := Pipe(1)
		for c := byte('a'); c < 'e'; c++ {
			go client.Write(bytes.Repeat([]byte{c}, 50))
			synctest.Wait() // this one waits; the first one waits for the reader
		}
		for range 4 {
			p := make([]byte, 50)
			for i := range p {
				server.Read(p[i : i+1])
				synctest.Wait()
			}
			if bytes.Count(p, p[:1]) != 50 {
				t.Errorf("read %q, want 50 times the same letter", p)
			}
		}
	})
}

// waitingTest is a row of TestWaiting.
type waitingTest struct {
	name string
	call func(own *Conn) error
	then func(own, peer *Conn)
	want error
}

// TestWaiting blocks a call and makes something happen a second later. The call
// must end then, with the right error.
func TestWaiting(t *testing.T) {
	read := func(own *Conn) error { _, err := own.Read(make([]byte, 1)); return err }
	write := func(own *Conn) error {
		_, err := own.Write(make([]byte, DefaultBuffer+1))
		return err
	}
	at := func(set func(time.Time) error, after time.Duration) {
		if err := set(time.Now().Add(after)); err != nil {
			t.Errorf("set the deadline: %v, want nil", err)
		}
	}
	tests := []waitingTest{
		{"read, peer writes", read, func(own, peer *Conn) { peer.Write([]byte("x")) },
			nil},
		{"read, peer closes", read, func(own, peer *Conn) { peer.Close() }, io.EOF},
		{"read, peer closes half", read, func(own, peer *Conn) { peer.CloseWrite() },
			io.EOF},
		{"read, peer resets", read,
			func(own, peer *Conn) {
				peer.SetLinger(0)
				peer.Close()
			}, syscall.ECONNRESET},
		{"read, closed", read, func(own, peer *Conn) { own.Close() }, net.ErrClosed},
		{"read, deadline now", read, func(own, peer *Conn) { at(own.SetReadDeadline, 0) },
			os.ErrDeadlineExceeded},
		{"read, both deadlines past", read,
			func(own, peer *Conn) {
				at(own.SetDeadline, -time.Hour)
			}, os.ErrDeadlineExceeded},
		{"write, peer reads", write, func(own, peer *Conn) { peer.Read(make([]byte, 1)) },
			nil},
		{"write, peer closes", write, func(own, peer *Conn) { peer.Close() },
			syscall.EPIPE},
		{"write, closed", write, func(own, peer *Conn) { own.Close() }, net.ErrClosed},
		{"write, closed half", write, func(own, peer *Conn) { own.CloseWrite() },
			syscall.EPIPE},
		{"write, deadline now", write,
			func(own, peer *Conn) {
				at(own.SetWriteDeadline, 0)
			}, os.ErrDeadlineExceeded},
		{"write, both deadlines past", write,
			func(own, peer *Conn) {
				at(own.SetDeadline, -time.Hour)
			}, os.ErrDeadlineExceeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func (tt waitingTest) run(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own, peer := Pipe(0)
		start := time.Now()
		go func() {
			time.Sleep(time.Second)
			tt.then(own, peer)
		}()
		if err := tt.call(own); !errors.Is(err, tt.want) {
			t.Errorf("err = %v, want %v", err, tt.want)
		}
		if got := time.Since(start); got != time.Second {
			t.Errorf("waited %v, want 1s", got)
		}
	})
}

func TestDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own, peer := Pipe(0)
		start := time.Now()
		wait := func() error { _, err := own.Read(make([]byte, 1)); return err }

		own.SetReadDeadline(start.Add(time.Second))
		if err := wait(); !errors.Is(err, os.ErrDeadlineExceeded) ||
			time.Since(start) != time.Second {
			t.Errorf("Read() = %v after %v, want %v after 1s", err, time.Since(start),
				os.ErrDeadlineExceeded)
		}
		peer.Write([]byte("x"))
		if err := wait(); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Read() with bytes waiting, after the deadline = %v, want %v", err,
				os.ErrDeadlineExceeded)
		}
		own.SetReadDeadline(time.Time{})
		if err := wait(); err != nil {
			t.Errorf("Read() with the deadline taken back = %v, want nil", err)
		}
		own.SetReadDeadline(start.Add(-time.Second))
		if _, err := own.Write([]byte("x")); err != nil {
			t.Errorf("Write() after the read deadline = %v, want nil", err)
		}
		var timeout net.Error
		if err := wait(); !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("Read() = %v, want a net.Error that is a timeout", err)
		}
	})
}

// A Write that waits for another Write has a deadline too.
func TestDeadlineOfQueuedWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own, peer := Pipe(1)
		go own.Write([]byte("ab"))
		synctest.Wait()
		own.SetWriteDeadline(time.Now().Add(time.Second))
		if n, err := own.Write([]byte("c")); n != 0 ||
			!errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write() = %d, %v, want 0, %v", n, err, os.ErrDeadlineExceeded)
		}
		synctest.Wait() // the first one has ended too
		own.SetWriteDeadline(time.Time{})
		go own.Write([]byte("d"))
		for _, want := range "ad" {
			p := make([]byte, 1)
			if _, err := peer.Read(p); err != nil || string(p) != string(want) {
				t.Errorf("Read() = %q, %v, want %q", p, err, want)
			}
		}
	})
}
