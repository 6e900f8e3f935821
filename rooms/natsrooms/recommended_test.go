package natsrooms_test

import (
	"errors"
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// Contract 10.5: silence counts as an outage within 15 seconds, and so does a peer that
// takes no bytes. The connection never gives up.
func TestRecommended(t *testing.T) {
	o := nats.GetDefaultOptions()
	if err := natsrooms.Recommended(&o); err != nil {
		t.Fatalf("Recommended = %v, want no error", err)
	}
	silence := o.PingInterval * time.Duration(o.MaxPingsOut+1)
	if silence > 15*time.Second || o.FlusherTimeout > 15*time.Second {
		t.Errorf("silence is noticed after %v, a stall after %v, want 15s at most",
			silence, o.FlusherTimeout)
	}
	if !o.NoEcho {
		t.Error("NoEcho = false, want true")
	}
	if o.MaxReconnect >= 0 || !o.IgnoreAuthErrorAbort || !o.ReconnectOnFlusherError {
		t.Errorf("MaxReconnect %d, ignore %v, on flusher error %v, want negative, true, true",
			o.MaxReconnect, o.IgnoreAuthErrorAbort, o.ReconnectOnFlusherError)
	}
}

// programDialer is a dialer that the program had set before.
type programDialer struct{ dialed int }

func (d *programDialer) Dial(network, address string) (net.Conn, error) {
	d.dialed++
	return net.Dial(network, address)
}

func (d *programDialer) SkipTLSHandshake() bool { return true }

// A dialer of the program goes on dialing, and so does one of package net; and each
// connection ends with the first write that fails.
func TestDialer(t *testing.T) {
	own, standard := &programDialer{}, &net.Dialer{Timeout: time.Minute}
	tests := []struct {
		name    string
		options nats.Options
		skips   bool // the handshake of TLS
	}{
		{name: "none", options: nats.Options{Timeout: time.Minute}},
		{name: "of package net", options: nats.Options{Dialer: standard}},
		{name: "of the program", options: nats.Options{CustomDialer: own}, skips: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			natsrooms.Recommended(&test.options)
			dialer := test.options.CustomDialer
			skipper := dialer.(interface{ SkipTLSHandshake() bool })
			if got := skipper.SkipTLSHandshake(); got != test.skips {
				t.Errorf("SkipTLSHandshake = %v, want %v", got, test.skips)
			}
			testFailedWrite(t, dialer)
		})
	}
	if own.dialed != 1 {
		t.Errorf("the program's dialer was asked %d times, want once", own.dialed)
	}
}

// testFailedWrite fills a connection that nobody reads until a write misses its deadline.
func testFailedWrite(t *testing.T, dialer nats.CustomDialer) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("net.Listen = %v, want no error", err)
	}
	defer listener.Close()
	c, err := dialer.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatalf("Dial = %v, want no error", err)
	}
	defer c.Close()
	c.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
	if _, err := c.Write(make([]byte, 64<<20)); err == nil {
		t.Fatal("Write = no error, want the deadline's")
	}
	c.SetWriteDeadline(time.Time{})
	if _, err := c.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Write after one that failed = %v, want %v", err, net.ErrClosed)
	}
}

// Nobody listens: the dialer says so.
func TestDialFails(t *testing.T) {
	o := nats.Options{Timeout: time.Second}
	natsrooms.Recommended(&o)
	if c, err := o.CustomDialer.Dial("tcp", "127.0.0.1:0"); err == nil || c != nil {
		t.Errorf("Dial = %v, %v, want nil and an error", c, err)
	}
}
