package sockets_test

import (
	"bytes"
	"encoding"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

var (
	_ encoding.BinaryMarshaler   = (*sockets.Prepared)(nil)
	_ encoding.BinaryUnmarshaler = (*sockets.Prepared)(nil)
)

// Bytes returns the payload. Writing to it changes nothing.
func TestPreparedBytes(t *testing.T) {
	p := sockets.PrepareBytes([]byte("hello"))
	p.Bytes()[0] = 'j'
	if got := p.Bytes(); string(got) != "hello" {
		t.Errorf("Bytes() = %q, want %q", got, "hello")
	}
	if got := (*sockets.Prepared)(nil).Bytes(); got != nil {
		t.Errorf("Bytes() of nil = %q, want nil", got)
	}
}

// Contract 8.1: what can be prepared, and what cannot.
func TestPrepare(t *testing.T) {
	text := func(s string) func() (*sockets.Prepared, error) {
		return func() (*sockets.Prepared, error) { return sockets.PrepareText(s) }
	}
	json := func(v any) func() (*sockets.Prepared, error) {
		return func() (*sockets.Prepared, error) { return sockets.PrepareJSON(v) }
	}
	for _, test := range []struct {
		name    string
		prepare func() (*sockets.Prepared, error)
		want    wstest.Frame
		err     error // errAny stands for any error
	}{
		{"text", text("hellö"), wstest.Text("hellö"), nil},
		{"empty text", text(""), wstest.Text(""), nil},
		{"not UTF-8", text("a\xff"), wstest.Frame{}, sockets.ErrInvalidUTF8},
		{"JSON", json(map[string]int{"a": 1}), wstest.Text(`{"a":1}`), nil},
		{"JSON of nothing", json(nil), wstest.Text(`null`), nil},
		{"no JSON", json(make(chan int)), wstest.Frame{}, errAny},
		{"bytes",
			func() (*sockets.Prepared,
				error) {
				return sockets.PrepareBytes([]byte{0, 0xff}), nil
			},
			wstest.Binary([]byte{0, 0xff}), nil},
		{"no bytes",
			func() (*sockets.Prepared, error) {
				return sockets.PrepareBytes(nil), nil
			}, wstest.Binary(nil), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := test.prepare()
			if test.err != nil {
				if p != nil || err == nil || test.err != errAny &&
					!errors.Is(err, test.err) {
					t.Errorf("prepared %v, %v, want nil and %v", p, err, test.err)
				}
				return
			}
			got := sentAs(t, p)
			if err != nil || got.Opcode != test.want.Opcode ||
				!bytes.Equal(got.Payload, test.want.Payload) ||
				p.Len() != len(got.Payload) {
				t.Errorf("prepared %v of length %d, %v, want %v", got, p.Len(), err,
					test.want)
			}
		})
	}
}

var errAny = errors.New("any error")

// sentAs returns the frame in which p is sent.
func sentAs(t *testing.T, p *sockets.Prepared) (f wstest.Frame) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server := wstest.NewMemoryServer(t,
			apptest.Messages(func(prepared chan<- *sockets.Prepared) { prepared <- p }),
			1<<20)
		f = server.Dial("/ws", nil).ReadFrame()
	})
	return f
}

// Contract 8.1: a prepared message never changes, and has the bytes of the
// moment when it was made.
func TestPreparedDoesNotChange(t *testing.T) {
	b := []byte("before")
	p := sockets.PrepareBytes(b)
	copy(b, "after!")
	data, _ := p.MarshalBinary()
	copy(data[1:], "after!")
	err := p.UnmarshalBinary(data)

	if got := sentAs(t, p); string(got.Payload) != "before" || err == nil {
		t.Errorf("prepared %v, UnmarshalBinary() = %v, want before, and an error", got,
			err)
	}
}

// Contract 8.2: a prepared message travels as bytes, and arrives unchanged or
// not at all.
func TestPreparedTravels(t *testing.T) {
	text, _ := sockets.PrepareText("hellö")
	long := sockets.PrepareBytes(nil).WithKey(strings.Repeat("k", 1000))
	for _, p := range []*sockets.Prepared{
		text, sockets.PrepareBytes([]byte{0xff}), text.WithKey("a"), long,
	} {
		data, err := p.MarshalBinary()
		var back sockets.Prepared
		if err := errors.Join(err, back.UnmarshalBinary(data)); err != nil {
			t.Fatal(err)
		}
		clear(data)
		want, got := sentAs(t, p), sentAs(t, &back)
		if got.Opcode != want.Opcode || !bytes.Equal(got.Payload, want.Payload) ||
			back.Len() != p.Len() || back.Key() != p.Key() {
			t.Errorf("travelled as %v, want %v", got, want)
		}
	}
	for _, data := range []string{"", "\x00", "\x03a", "\x08\x03\xe8", "\x09", "\xff",
		"\x01\xff", "\x81", "\x81\x00a", "\x81\x02a", "\x83\x01ka", "\x81\x01k\xff",
		"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x82\x80"} {
		if err := new(sockets.Prepared).UnmarshalBinary([]byte(data)); err == nil {
			t.Errorf("UnmarshalBinary(%q) = nil, want an error", data)
		}
	}
	for _, p := range []*sockets.Prepared{nil, new(sockets.Prepared)} {
		if data, err := p.MarshalBinary(); err == nil || p.Len() != 0 {
			t.Errorf("MarshalBinary of an empty one = %q, %v, want an error", data, err)
		}
	}
}

// Contract 8.3: a key is no part of what is sent, and the message without it stays.
func TestPreparedKey(t *testing.T) {
	p, _ := sockets.PrepareText("hello")
	keyed := p.WithKey("a")
	if p.Key() != "" || keyed.Key() != "a" || keyed.WithKey("").Key() != "" {
		t.Errorf("keys = %q, %q, want none, a", p.Key(), keyed.Key())
	}
	if got := sentAs(t, keyed); string(got.Payload) != "hello" || keyed.Len() != 5 {
		t.Errorf("sent %q, Len() = %d, want hello", got.Payload, keyed.Len())
	}
	var none *sockets.Prepared
	if got := none.WithKey("a"); none.Key() != "" || got == nil || got.Bytes() != nil {
		t.Errorf("WithKey of nil = %v, want an empty one", got)
	}
}

// Contract 8.1, 4.2: an empty message, or one over the connection's limit, ends
// that connection.
func TestPreparedRefused(t *testing.T) {
	large := sockets.PrepareBytes(make([]byte, 11))
	fits := sockets.PrepareBytes(make([]byte, 10))
	for _, test := range []struct {
		name string
		p    *sockets.Prepared
		is   error
		code int
	}{
		{"nil", nil, errAny, 1011},
		{"empty", new(sockets.Prepared), errAny, 1011},
		{"too big", large, sockets.ErrMessageTooBig, 1011},
		{"fits", fits, nil, 1000},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			var err error
			limited := apptest.Silent(func(o *sockets.Options) { o.MaxSendSize = 10 })
			handler := func(prepared chan<- *sockets.Prepared, disconnect chan<- int,
				errs <-chan error) {
				prepared <- test.p
				if test.is == nil {
					return
				}
				err = <-errs
			}
			client := wstest.NewMemoryServer(t,
				apptest.App(apptest.Text(limited), handler), 0).Dial("/ws", nil)

			code, _ := client.ReadClose()
			client.Vanish()
			synctest.Wait()

			if code != test.code || (err == nil) != (test.is == nil) ||
				test.is != errAny && !errors.Is(err, test.is) {
				t.Errorf("close code = %d, error %v, want %d, %v", code, err, test.code,
					test.is)
			}
		})
	}
}
