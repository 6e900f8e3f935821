package wire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

const (
	never = time.Hour // when the peer reads, in these tests
	// century is the longest wait that the options allow.
	century = 100 * 365 * 24 * time.Hour
)

// Contract 6: a call ends after its wait, or at the common end of all calls.
// Deadlines set before, or changed while it is blocked, do not alter that.
func TestDeadline(t *testing.T) {
	const minute = time.Minute
	until := func(wait time.Duration) func(*pair) {
		return func(p *pair) { p.wire.Writing.Until(wait) }
	}
	old := func(p *pair) { p.exchange(); time.Sleep(50 * time.Second) }
	later := func(change func(*Deadline)) func(*pair) {
		return func(p *pair) {
			time.AfterFunc(10*time.Second, func() { change(&p.wire.Writing) })
		}
	}
	for _, test := range []deadlineTest{
		{name: "first", wait: minute, want: minute},
		{name: "off", want: never},
		{name: "longest", wait: century, want: never},
		{name: "an old one is set", wait: minute, before: old, want: minute},
		{name: "an old one has passed", wait: minute,
			before: func(p *pair) { p.exchange(); time.Sleep(2 * time.Minute) },
			want:   minute},
		{name: "an old one is off", before: old, want: never},

		{name: "until, before the first", wait: minute, before: until(5 * time.Second),
			want: 5 * time.Second},
		{name: "until, without a wait", before: until(5 * time.Second),
			want: 5 * time.Second},
		{name: "until, an old one is set", wait: minute,
			before: func(p *pair) { old(p); p.wire.Writing.Until(40 * time.Second) },
			want:   40 * time.Second},
		{name: "until, after the wait", wait: time.Second, before: until(5 * time.Second),
			want: time.Second},
		{name: "until has passed", wait: minute,
			before: func(p *pair) { until(time.Second)(p); time.Sleep(minute) }, want: 0},
		{name: "until a later time", wait: minute, before: func(p *pair) {
			p.wire.Writing.Until(5 * time.Second)
			p.wire.Writing.Until(20 * time.Second)
		}, want: 20 * time.Second},
		{name: "until now", before: until(0), want: 1},
		{name: "until, while blocked", wait: minute,
			before: later(func(d *Deadline) { d.Until(5 * time.Second) }),
			want:   15 * time.Second},
		{name: "until, while blocked without a wait",
			before: later(func(d *Deadline) { d.Until(5 * time.Second) }),
			want:   15 * time.Second},
		{name: "until, while blocked, after its wait", wait: 12 * time.Second,
			before: later(func(d *Deadline) { d.Until(minute) }), want: 12 * time.Second},
		{name: "until, while blocked, an old one is set", wait: minute,
			before: func(p *pair) {
				old(p)
				later(func(d *Deadline) { d.Until(5 * time.Second) })(p)
			}, want: 15 * time.Second},
	} {
		for _, fragile := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, fragile %t", test.name, fragile), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { test.run(t, fragile) })
			})
		}
	}
}

// deadlineTest is a row of TestDeadline.
type deadlineTest struct {
	name   string
	wait   time.Duration
	before func(*pair)
	want   time.Duration // from the start of the call to its end
}

func (test deadlineTest) run(t *testing.T, fragile bool) {
	p := newPair(t, test.wait)
	p.wire.Writing.resumable = !fragile
	if test.before != nil {
		test.before(p)
	}
	if got := p.blockedWrite(); got != test.want {
		t.Errorf("the call ended after %v, want %v", got, test.want)
	}
}

// A busy connection sets one deadline for each wait, not for each call.
func TestFewDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, time.Minute)
		p.wire.Writing.resumable = true
		big := make([]byte, 2000) // the network holds less, so each write blocks
		for range 10 * 60 {
			time.AfterFunc(time.Second, func() { io.CopyN(io.Discard, p.peer, 2000) })
			p.wire.Write(big)
			if err := p.wire.Flush(); err != nil {
				t.Fatalf("Flush() = %v, want nil", err)
			}
		}
		if p.net.sets < 2 || p.net.sets > 12 {
			t.Errorf("deadlines set in ten minutes = %d, want about ten", p.net.sets)
		}
	})
}

// If each call needs its own deadline, one that is already set is not set again.
func TestSameDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, 0)
		p.wire.Writing.resumable = false
		p.wire.Writing.Until(time.Minute)
		for range 10 {
			p.exchange()
		}
		if p.net.sets != 1 {
			t.Errorf("deadlines set = %d, want 1", p.net.sets)
		}
	})
}

// Bytes that come together with a timeout count.
func TestBytesWithTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, time.Minute)
		p.wire.Conn = hurried{p.net}
		if n, err := p.wire.Read(make([]byte, 5)); n != 1 || err != nil {
			t.Errorf("Read() = %d, %v, want 1 and nil", n, err)
		}
	})
}

// hurried returns one byte for each read, together with a timeout.
type hurried struct{ net.Conn }

func (hurried) Read([]byte) (int, error) {
	return 1, os.ErrDeadlineExceeded
}

// A deadline that has passed returns the network's own error.
func TestIsTimeout(t *testing.T) {
	timeout := &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}
	for _, test := range []struct {
		name string
		err  error
		want bool
	}{
		{name: "none", err: nil},
		{name: "the end", err: io.EOF},
		{name: "closed", err: &net.OpError{Op: "read", Err: net.ErrClosed}},
		{name: "timeout", err: timeout, want: true},
		{name: "wrapped", err: fmt.Errorf("reading: %w", timeout), want: true},
		{name: "joined", err: errors.Join(io.EOF, timeout), want: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := IsTimeout(test.err); got != test.want {
				t.Errorf("IsTimeout(%v) = %t, want %t", test.err, got, test.want)
			}
		})
	}
}

// TLS answers a request for new keys at any time. So no write deadline may stay
// after a call, unless all writes have to end.
func TestNoDeadlineStaysOnTLS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, time.Second)
		p.wire.Writing.resumable = false
		p.wire.Write([]byte("a"))
		p.wire.Flush()
		time.Sleep(time.Hour)

		if _, err := p.wire.Conn.Write([]byte("by itself")); err != nil {
			t.Errorf("a write of its own after a batch: %v, want none", err)
		}
	})
}

// Nor may that of the handshake's response.
func TestNoDeadlineStaysAfterTheHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, time.Second)
		p.wire.Writing.resumable = false
		p.wire.upgraded = false
		p.wire.Write([]byte("101"))
		p.wire.Upgraded()
		time.Sleep(time.Hour)

		if _, err := p.wire.Conn.Write([]byte("by itself")); err != nil {
			t.Errorf("a write of its own after the handshake: %v, want none", err)
		}
	})
}

// Contract 1.8: a deadline that others set on the network connection ends no call, and
// the call's own deadline counts again.
func TestDeadlineOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, time.Minute)
		p.wire.Writing.resumable = true
		begin := time.Now()
		for i := range 5 {
			time.AfterFunc(time.Duration(i)*time.Second, func() {
				p.net.Conn.SetDeadline(time.Now())
			})
		}
		time.AfterFunc(5*time.Second, func() { p.peer.Write([]byte("a")) })
		n, err := p.wire.Read(make([]byte, 1))
		if took := time.Since(begin); n != 1 || err != nil || took != 5*time.Second {
			t.Errorf("Read() = %d, %v after %v, want a byte after 5s", n, err, took)
		}
		for i := range 5 {
			time.AfterFunc(time.Duration(i)*time.Second, func() {
				p.net.Conn.SetWriteDeadline(time.Now())
			})
		}
		if took := p.blockedWrite(); took != time.Minute {
			t.Errorf("a write that takes too long ended after %v, want 1m", took)
		}
	})
}

// Renew replaces a deadline of others that is later.
func TestRenew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, time.Minute)
		p.wire.Writing.resumable = true
		time.AfterFunc(time.Second, func() { p.net.Conn.SetWriteDeadline(time.Time{}) })
		time.AfterFunc(2*time.Second, func() { p.wire.Writing.Renew() })
		if took := p.blockedWrite(); took != time.Minute {
			t.Errorf("the write ended after %v, want 1m", took)
		}
	})
}
