package broker_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/stamp"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// What the network has held up from a connection that its broker has replaced comes out
// of order, and is dropped.
func TestReplacedConnection(t *testing.T) {
	s := natstest.NewServer(t)
	wire := s.Connect(t)
	sniffed, err := wire.SubscribeSync(subject("room"))
	if err != nil {
		t.Fatalf("SubscribeSync = %v, want no error", err)
	}
	if err := wire.Flush(); err != nil {
		t.Fatalf("Flush = %v, want no error", err)
	}
	nc := s.Connect(t)
	b := natsrooms.NewBroker(nc, nil)
	t.Cleanup(b.Close)
	heard := make(chan string, 10)
	subscribe(t, newBroker(t, s), func(data []byte, _ error) { heard <- string(data) })
	say := func(text string) (head []byte) {
		t.Helper()
		if err := b.Publish("room", []byte(text)); err != nil {
			t.Fatalf("Publish = %v, want no error", err)
		}
		if got := <-heard; got != text {
			t.Errorf("received %q, want %q", got, text)
		}
		msg, err := sniffed.NextMsg(30 * time.Second)
		if err != nil {
			t.Fatalf("NextMsg = %v, want no error", err)
		}
		return bytes.TrimSuffix(msg.Data, []byte(text))
	}
	before := say("before")
	if err := nc.ForceReconnect(); err != nil {
		t.Fatalf("ForceReconnect = %v, want no error", err)
	}
	natstest.Eventually(t, "it has reconnected", func() bool {
		return nc.Stats().Reconnects == 1 && nc.IsConnected()
	})
	after := say("after")
	if !bytes.Equal(before[:9], after[:9]) || bytes.Compare(before, after) >= 0 || len(after) != 17 {
		t.Errorf("heads %x, %x, want the same sender, and a later connection", before, after)
	}
	for _, late := range [][]byte{append(before, "late"...), append(after, "in time"...)} {
		if err := wire.PublishMsg(&nats.Msg{Subject: subject("room"), Data: late}); err != nil {
			t.Fatalf("PublishMsg = %v, want no error", err)
		}
	}
	if got := <-heard; got != "in time" {
		t.Errorf("received %q, want what is not late", got)
	}
}

// A room's first message after a break may carry the stamp of before: it was made just
// before the connection was replaced. What came to other rooms meanwhile does not make it
// late.
func TestLateInAnotherRoom(t *testing.T) {
	s := natstest.NewServer(t)
	wire, b := s.Connect(t), newBroker(t, s)
	heard := make(chan string, 100)
	hear := func(data []byte, _ error) { heard <- string(data) }
	subscribe(t, b, hear)
	others := make([]string, 30) // some of them have the worker of the first
	for i := range others {
		others[i] = fmt.Sprint("other ", i)
		if err := b.Subscribe(others[i], hear); err != nil {
			t.Fatalf("Subscribe = %v, want no error", err)
		}
	}
	send := func(room string, generation uint64) {
		t.Helper()
		data := stamp.Stamp{Generation: generation}.Seal([]byte(room))
		if err := wire.Publish(subject(room), data); err != nil {
			t.Fatalf("Publish = %v, want no error", err)
		}
		select {
		case got := <-heard:
			if got != room {
				t.Fatalf("received %q, want %q", got, room)
			}
		case <-time.After(natstest.Patience):
			t.Fatalf("%q was dropped", room)
		}
	}
	send("room", 1)
	for _, room := range others {
		send(room, 0)
	}
}
