package wire

import (
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// Contract 1.7, 6: the response of the handshake goes out at once. It has the time
// that gorilla sets, or else that of one write. If it fails, Read returns the error.
func TestRespond(t *testing.T) {
	const wait = 10 * time.Second
	for _, test := range []struct {
		name  string
		limit time.Duration // set by gorilla
		slow  time.Duration
		want  time.Duration // the time that the response takes
		fails bool
	}{
		{name: "at once"},
		{name: "in time", slow: 9 * time.Second, want: 9 * time.Second},
		{name: "too slow", slow: time.Minute, want: wait, fails: true},
		{name: "in gorilla's time", limit: 30 * time.Second, slow: 20 * time.Second,
			want: 20 * time.Second},
		{name: "too slow for gorilla", limit: 3 * time.Second, slow: 9 * time.Second,
			want: 3 * time.Second, fails: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, network, peer := slowPair(t, wait)
				c.upgraded = false
				network.Slow(test.slow)
				begin := time.Now()
				if test.limit > 0 {
					c.SetWriteDeadline(begin.Add(test.limit))
				}
				n, err := c.Write([]byte("101"))
				if got := time.Since(begin); n != 3 || err != nil || got != test.want {
					t.Errorf("Write() = %d, %v after %v, want 3, nil after %v", n, err,
						got, test.want)
				}

				network.Slow(0)
				time.AfterFunc(time.Second/2, func() { peer.Write([]byte("a")) })
				_, err = c.Read(make([]byte, 1))
				if test.fails != IsTimeout(err) || !test.fails && err != nil {
					t.Errorf("Read() = %v, want a timeout: %t", err, test.fails)
				}
				_, err = network.Write([]byte("a"))
				if got := errors.Is(err, net.ErrClosed); got != test.fails {
					t.Errorf("closed = %t (%v), want %t", got, err, test.fails)
				}
			})
		})
	}
}

// After the handshake gorilla's deadlines have no effect, and the handshake's
// deadline is gone.
func TestAfterHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, network, _ := slowPair(t, 10*time.Second)
		c.upgraded = false
		c.SetWriteDeadline(time.Now().Add(time.Second))
		c.Write([]byte("101"))
		c.SetWriteDeadline(time.Time{}) // as gorilla does
		c.Upgraded()
		plain := &deadlines{Conn: c.Conn}
		c.Conn = plain
		network.Slow(9 * time.Second)
		for range 3 {
			if err := c.SetWriteDeadline(time.Now().Add(time.Second)); err != nil {
				t.Errorf("SetWriteDeadline() = %v", err)
			}
			c.Write([]byte("hello"))
			if err := c.Flush(); err != nil {
				t.Errorf("Flush() = %v, want nil", err)
			}
		}
		if plain.set > 0 {
			t.Errorf("gorilla has set %d deadlines, want none", plain.set)
		}
	})
}

// deadlines counts the deadlines that are not set by Writing.
type deadlines struct {
	net.Conn
	set int
}

func (d *deadlines) SetWriteDeadline(t time.Time) error {
	d.set++
	return d.Conn.SetWriteDeadline(t)
}
