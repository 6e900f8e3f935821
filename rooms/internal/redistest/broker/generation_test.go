//go:build linux

package broker_test

import (
	"context"
	"encoding/base64"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
)

// Contract 10.11: what the network has held up on a connection that its broker has given
// up comes out of order, and is dropped.
func TestReplacedConnection(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	channel := "rooms:b:n" + base64.RawURLEncoding.EncodeToString([]byte("room"))
	sniffer := n.server.Connect(t).Subscribe(t.Context(), channel)
	t.Cleanup(func() { sniffer.Close() })
	if _, err := sniffer.Receive(t.Context()); err != nil {
		t.Fatalf("SUBSCRIBE = %v, want no error", err)
	}
	in := newInbox()
	third := newBroker(t, n.server)
	subscribe(t, third, in.receive)
	say := func(text string) (sealed string) {
		t.Helper()
		if err := n.far.Publish("room", []byte(text)); err != nil {
			t.Fatalf("Publish = %v, want no error", err)
		}
		in.want(t, text)
		for {
			m, err := sniffer.ReceiveMessage(t.Context())
			if err != nil {
				t.Fatalf("ReceiveMessage = %v, want no error", err)
			}
			if m.Payload[17:] == text {
				return m.Payload
			}
		}
	}
	before := say("before")
	n.Cut()
	redistest.Eventually(t, "the outage is told", func() bool { return n.hooked.Load() > 0 })
	redistest.Eventually(t, "far publishes again", func() bool {
		return n.far.Publish("room", []byte("x")) == nil
	})
	in.want(t, "x")
	after := say("after")
	if before[:9] != after[:9] || before[9:17] >= after[9:17] {
		t.Errorf("heads %x, %x, want the same sender, and a later generation",
			before[:17], after[:17])
	}
	publish(t, n.server.Connect(t), channel, before[:17]+"late")
	publish(t, n.server.Connect(t), channel, after[:17]+"in time")
	in.want(t, "in time")
}

func publish(t *testing.T, c *redis.Client, channel, data string) {
	t.Helper()
	if err := c.Publish(context.Background(), channel, data).Err(); err != nil {
		t.Fatalf("PUBLISH = %v, want no error", err)
	}
}
