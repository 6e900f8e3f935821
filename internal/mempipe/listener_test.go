package mempipe

import (
	"context"
	"errors"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := Listen(2)
		defer l.Close()
		go func() {
			for range 2 {
				c, err := l.Accept()
				if err != nil {
					t.Errorf("Accept() = %v, want nil", err)
					return
				}
				c.Write([]byte(c.RemoteAddr().String()[:2]))
				c.Close()
			}
		}()
		seen := map[string]bool{}
		for range 2 {
			c, err := l.Dial(t.Context())
			if err != nil {
				t.Fatalf("Dial() = %v, want nil", err)
			}
			if got, _ := readAll(c); string(got) != "19" {
				t.Errorf("read %q, want 19", got)
			}
			if got := c.RemoteAddr(); got != l.Addr() {
				t.Errorf("RemoteAddr() = %v, want %v", got, l.Addr())
			}
			host, _, err := net.SplitHostPort(c.LocalAddr().String())
			if err != nil || net.ParseIP(host) == nil {
				t.Errorf("LocalAddr() = %v, want an IP address with a port",
					c.LocalAddr())
			}
			seen[c.LocalAddr().String()] = true
		}
		if len(seen) != 2 {
			t.Errorf("addresses of two clients = %v, want two", seen)
		}
	})
}

func TestListenerClose(t *testing.T) {
	dial := func(l *Listener) error { _, err := l.Dial(context.Background()); return err }
	accept := func(l *Listener) error { _, err := l.Accept(); return err }
	tests := []struct {
		name   string
		call   func(l *Listener) error
		before bool // close before the call
		want   error
	}{
		{"Dial, then Close", dial, false, syscall.ECONNREFUSED},
		{"Close, then Dial", dial, true, syscall.ECONNREFUSED},
		{"Accept, then Close", accept, false, net.ErrClosed},
		{"Close, then Accept", accept, true, net.ErrClosed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := Listen(0)
				if tt.before {
					l.Close()
				}
				got := make(chan error, 1)
				go func() { got <- tt.call(l) }()
				synctest.Wait()
				if err := l.Close(); err != nil {
					t.Errorf("Close() = %v, want nil", err)
				}
				if err := <-got; !errors.Is(err, tt.want) {
					t.Errorf("err = %v, want %v", err, tt.want)
				}
			})
		})
	}
}

func TestDialContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := Listen(0).Dial(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Dial() = %v, want %v", err, context.DeadlineExceeded)
		}
	})
}
