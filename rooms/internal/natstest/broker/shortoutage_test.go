package broker_test

import (
	"errors"
	"flag"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/proxy"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

var shortOutages = flag.Int("outages", 5, "how many outages TestShortOutages makes")

// Contract 10.5: an outage of some milliseconds is told to each room that has members,
// also while others join and leave.
func TestShortOutages(t *testing.T) {
	p := proxy.New(t, natstest.NewServer(t))
	nc := natstest.Connect(t, p.Address(), nats.MaxReconnects(-1),
		nats.ReconnectWait(time.Millisecond), nats.ReconnectJitter(0, 0))
	b := natsrooms.NewBroker(nc, nil)
	defer b.Close()
	var told [30]atomic.Int64
	r := rooms.New(&rooms.Options[string]{Broker: b, OnError: func(room string, err error) {
		var i int
		if _, e := fmt.Sscanf(room, "stays %d", &i); e == nil && errors.Is(err, natsrooms.ErrOutage) {
			told[i].Add(1)
		}
	}})
	join := func(room string) func() {
		m, err := r.Join(room, make(chan string, 1), nil, nil)
		if err != nil {
			t.Errorf("Join = %v, want no error", err)
			return func() {}
		}
		return m.Leave
	}
	for i := range told {
		defer join(fmt.Sprint("stays ", i))()
	}
	quit := make(chan struct{})
	var others sync.WaitGroup
	defer others.Wait()
	defer close(quit)
	for i := range 4 {
		others.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-quit:
					return
				case <-time.After(time.Millisecond):
					join(fmt.Sprint("goes ", i, n%5))()
				}
			}
		})
	}
	for n := range *shortOutages {
		var before [len(told)]int64
		for i := range told {
			before[i] = told[i].Load()
		}
		p.Refuse(true)
		time.Sleep(time.Duration(1+n%10) * time.Millisecond)
		p.Refuse(false)
		natstest.Eventually(t, "each room was told", func() bool {
			for i := range told {
				if told[i].Load() == before[i] {
					return false
				}
			}
			return true
		})
	}
}
