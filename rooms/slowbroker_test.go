package rooms_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/goroutines"
)

// Contract 10.5: members of the process are served at once, and no broadcast waits longer
// than a second for a broker that stands still. When it goes on, so do broadcasts; what
// was refused meanwhile is not sent late.
func TestStalledBroker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFakeBroker(t)
		b.stall = make(chan struct{})
		o, errs := withErrors(rooms.Options[string]{Broker: b})
		r := rooms.New(o)
		ann := join(t, r, "lobby", 200, "ann")
		broadcast := func(msg string) (took time.Duration, err error) {
			start := time.Now()
			err = r.Broadcast("lobby", msg)
			return time.Since(start), err
		}
		go func() {
			if took, err := broadcast("first"); !errors.Is(err, rooms.ErrSlowBroker) || took != time.Second {
				t.Errorf("Broadcast = %v after %v, want %v after 1s", err, took, rooms.ErrSlowBroker)
			}
		}()
		synctest.Wait()
		wantMessages(t, "ann, before the broker has published,", ann.got(), "first")
		time.Sleep(time.Minute)
		for i := range 100 {
			if took, err := broadcast("refused"); !errors.Is(err, rooms.ErrSlowBroker) || took != 0 {
				t.Errorf("Broadcast %d = %v after %v, want %v at once",
					i, err, took, rooms.ErrSlowBroker)
			}
		}
		if got := goroutines.Count(); got != 1 || len(errs) != 101 || len(ann.got()) != 100 {
			t.Errorf("goroutines %d, OnError %d, want 1, 101, and 100 messages for ann",
				got, len(errs))
		}
		close(b.stall)
		synctest.Wait()
		if took, err := broadcast("last"); err != nil || took != 0 {
			t.Errorf("Broadcast when the broker goes on = %v after %v, want no error at once",
				err, took)
		}
		b.wantPublished("first", "last")
		ann.Leave()
	})
}

// A broker that panics is an error like any other: it has a goroutine of the rooms.
func TestBrokerPanics(t *testing.T) {
	b := panickingBroker{newFakeBroker(t)}
	r := rooms.New(&rooms.Options[string]{Broker: b})
	if err := r.Broadcast("lobby", "x"); err == nil || !strings.Contains(err.Error(), "at the disco") {
		t.Errorf("Broadcast = %v, want the panic", err)
	}
}

type panickingBroker struct{ *fakeBroker }

func (panickingBroker) Publish(string, []byte) error { panic("at the disco") }

// promptBroker says that it is prompt, and remembers whether a broadcast called it
// itself.
type promptBroker struct {
	*fakeBroker
	direct bool
}

func (b *promptBroker) Prompt() rooms.Broker { return b }

func (b *promptBroker) Publish(string, []byte) error {
	b.direct = goroutines.Count() == 0
	return nil
}

// embedding has a prompt broker's methods, and so its promise, which is not its own.
type embedding struct{ *promptBroker }

// A broker that keeps the second by itself is called directly, one that embeds it is not.
func TestPromptBroker(t *testing.T) {
	prompt := &promptBroker{fakeBroker: newFakeBroker(t)}
	tests := []struct {
		name   string
		broker rooms.Broker
		direct bool
	}{
		{name: "prompt", broker: prompt, direct: true},
		{name: "embedding", broker: embedding{prompt}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rooms.New(&rooms.Options[string]{Broker: test.broker}).Broadcast("lobby", "x")
			if prompt.direct != test.direct {
				t.Errorf("Publish was called directly: %v, want %v", prompt.direct, test.direct)
			}
		})
	}
}

// Contract 10.5: one publisher's messages keep their order, also beside others.
func TestPublishOrder(t *testing.T) {
	b := newFakeBroker(t)
	r := rooms.New(&rooms.Options[string]{Broker: b})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 1000 {
			r.Broadcast("lobby", "noise")
		}
	}()
	var want []string
	for i := range 1000 {
		want = append(want, fmt.Sprint(i))
		r.Broadcast("lobby", want[i])
	}
	<-done
	b.dropPublished("noise")
	b.wantPublished(want...)
}
