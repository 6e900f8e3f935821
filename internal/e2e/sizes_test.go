package e2e

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// Contract 6: MaxMessageSize limits both directions. A negative value means no limit.
func TestMaxMessageSize(t *testing.T) {
	for _, test := range []struct {
		name  string
		limit int64
		size  int
		want  bool
	}{
		{"default", 0, 65536, true},
		{"over the default", 0, 65537, false},
		{"given", 10, 10, true},
		{"over the given", 10, 11, false},
		{"none", -1, 1 << 20, true},
		{"the largest", 1<<63 - 1, 1 << 20, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			limited := apptest.Silent(func(o *sockets.Options) {
				o.MaxMessageSize = test.limit
			})
			echo := func(receiver <-chan []byte, p chan<- *sockets.Prepared,
				errs <-chan error) {
				select {
				case m := <-receiver:
					p <- sockets.PrepareBytes(m)
				case <-errs:
				}
			}
			send := func(sender chan<- []byte) { sender <- make([]byte, test.size) }
			in := sizeOf(t, apptest.App(apptest.Bytes(limited), echo), test.size)
			out := sizeOf(t, apptest.App(apptest.Bytes(limited), send), 0)

			if in != out || in != map[bool]int{true: test.size, false: -1}[test.want] {
				t.Errorf("MaxMessageSize %d lets %d bytes in and %d out of %d",
					test.limit, in, out, test.size)
			}
		})
	}
}

// Contract 4.2, 6: MaxSendSize limits only what goes out, and the error names it.
func TestMaxSendSize(t *testing.T) {
	for _, test := range []struct {
		name    string
		in, out int64
		size    int
		want    int // -1 if it is refused
	}{
		{"the default", 0, 0, 80_000, -1},
		{"larger", 0, 100_000, 80_000, 80_000},
		{"off", 0, -1, 80_000, 80_000},
		{"smaller", 0, 10, 11, -1},
		{"as MaxMessageSize", 100_000, 0, 80_000, 80_000},
	} {
		t.Run(test.name, func(t *testing.T) {
			limited := apptest.Silent(func(o *sockets.Options) {
				o.MaxMessageSize, o.MaxSendSize = test.in, test.out
			})
			var err error
			handler := func(sender chan<- string, errs <-chan error) {
				sender <- strings.Repeat("a", test.size)
				if test.want < 0 {
					err = <-errs
				}
			}
			got := sizeOf(t, apptest.App(apptest.Text(limited), handler), 0)
			if got != test.want || test.want < 0 &&
				!strings.Contains(err.Error(), "MaxSendSize") {
				t.Errorf("sent %d of %d bytes, error %v, want %d", got, test.size, err,
					test.want)
			}
		})
	}
}

// sizeOf sends a message of size bytes to /ws and returns the size of the answer,
// or -1 if the answer is a close frame.
func sizeOf(t *testing.T, h http.Handler, size int) (got int) {
	synctest.Test(t, func(t *testing.T) {
		client := wstest.NewMemoryServer(t, h, 1<<22).Dial("/ws", nil)
		client.Send(wstest.Binary(make([]byte, size)))
		frame := client.ReadFrame()
		if got = len(frame.Payload); frame.Opcode == wstest.OpClose {
			got = -1
		}
	})
	return got
}

// Contract 3.2, 6: messages of all sizes up to the limit arrive whole, in both
// directions, for each kind.
func TestSizes(t *testing.T) {
	handler := func(receiver <-chan []byte, sender chan<- []byte, done <-chan bool) {
		for {
			select {
			case m := <-receiver:
				if m == nil {
					t.Error("received nil, want an empty slice")
				}
				sender <- m
			case <-done:
				return
			}
		}
	}
	server := wstest.NewServer(t,
		apptest.App(apptest.Bytes(apptest.Silent()), handler))
	client := server.Dial("/ws", nil)
	for _, size := range []int{0, 1, 125, 126, 497, 498, 499, 512, 4095, 4096, 16383,
		16384, 16385, 32768, 65535, 65536} {
		m := bytes.Repeat([]byte{0xfe}, size)

		client.Send(wstest.Binary(m))

		if opcode, got := client.ReadMessage(); opcode != wstest.OpBinary ||
			!bytes.Equal(got, m) {
			t.Errorf("echo of %d bytes = opcode %d, %d bytes", size, opcode, len(got))
		}
	}
}
