package e2e

import (
	"bytes"
	"testing"

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
			in := apptest.SizeOf(t, apptest.App(apptest.Bytes(limited), echo),
				test.size)
			out := apptest.SizeOf(t,
				apptest.App(apptest.Bytes(limited), send), 0)

			if in != out || in != map[bool]int{true: test.size, false: -1}[test.want] {
				t.Errorf("MaxMessageSize %d lets %d bytes in and %d out of %d",
					test.limit, in, out, test.size)
			}
		})
	}
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
