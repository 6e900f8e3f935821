package presence_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/goroutines"
	"github.com/beatrichartz/martini-sockets/rooms/internal/sim"
	"github.com/beatrichartz/martini-sockets/rooms/presence"
)

// deafBroker loses what comes in, when it is told to.
type deafBroker struct {
	rooms.Broker
	deaf    atomic.Bool
	receive func([]byte, error)
}

func (b *deafBroker) Subscribe(room string, receive func([]byte, error)) error {
	b.receive = receive
	return b.Broker.Subscribe(room, func(data []byte, lost error) {
		if !b.deaf.Load() {
			receive(data, lost)
		}
	})
}

// slowBroker waits in Publish, fails to subscribe, and notes what is asked of it.
type slowBroker struct {
	block chan struct{} // Publish waits for it, if there is one
	fail  atomic.Int32  // how many more times Subscribe fails
	echo  bool          // what is published comes back

	mu        sync.Mutex
	asked     []string
	published [][]byte
	receive   func([]byte, error)
}

func (b *slowBroker) Publish(_ string, data []byte) error {
	if b.block != nil {
		<-b.block
	}
	b.mu.Lock()
	b.published = append(b.published, slices.Clone(data))
	receive := b.receive
	b.mu.Unlock()
	if b.echo && receive != nil {
		receive(slices.Clone(data), nil)
	}
	return nil
}

func (b *slowBroker) Subscribe(_ string, receive func([]byte, error)) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, "subscribe")
	if b.fail.Add(-1) >= 0 {
		return errBroken
	}
	b.receive = receive
	return nil
}

func (b *slowBroker) timesAsked() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.asked)
}

func (b *slowBroker) Unsubscribe(string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, "unsubscribe")
	b.receive = nil
	return nil
}

// Contract 12.1: nothing waits for a broker that blocks, except Close.
func TestPresenceBlockedBroker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &slowBroker{block: make(chan struct{})}
		d := newDiary(t)
		p := presence.New(&presence.Options[string]{Broker: b, OnChange: d.hook})
		synctest.Wait()
		begin := time.Now()
		ann := enter(t, p, "lobby", "ann", "1")
		ann.Update("2")
		wantList(t, "it", p, "lobby", "ann=2")
		d.want("lobby: +ann=2")
		ann.Leave()
		if waited := time.Since(begin); waited != 0 {
			t.Errorf("waited %v for the broker, want not at all", waited)
		}
		time.AfterFunc(time.Second, func() { close(b.block) })
		p.Close()
		if waited := time.Since(begin); waited != time.Second {
			t.Errorf("Close returned after %v, want it to wait for the broker, 1s", waited)
		}
		if got := goroutines.Count(); got != 0 {
			t.Errorf("%d goroutines after Close, want none", got)
		}
	})
}

// Contract 12.2: a broker that blocks does not keep the dead in the lists.
func TestPresenceBlockedGhost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := sim.New(t, 1)
		blocking := &blockingBroker{Broker: net.Start().Broker()}
		h := newHouse(t, net, &presence.Options[string]{Broker: blocking})
		other := newHouse(t, net, nil)
		other.enter("lobby", "ann", "x")
		time.Sleep(time.Second)
		wantAll(t, "lobby", "ann=x", h)
		blocking.wait.Store(int64(time.Minute))
		other.kill()
		time.Sleep(3 * beat)
		wantAll(t, "lobby", "", h)
	})
}

type blockingBroker struct {
	rooms.Broker
	wait atomic.Int64
}

func (b *blockingBroker) Publish(room string, data []byte) error {
	time.Sleep(time.Duration(b.wait.Load()))
	return b.Broker.Publish(room, data)
}

// Subscribing is tried again with each beat, and told.
func TestPresenceSubscribeFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []error
		b := &slowBroker{}
		b.fail.Store(2)
		p := presence.New(&presence.Options[string]{
			Broker:  b,
			OnError: func(err error) { told = append(told, err) },
		})
		for i := range 20 {
			enter(t, p, "lobby", "ann", "x") // changes do not make it try more often
			if got, want := b.timesAsked(), min(1+i/8, 3); i%8 == 7 && got != want {
				t.Errorf("asked %d times before beat %d, want %d", got, 1+i/8, want)
			}
			time.Sleep(beat / 8)
		}
		p.Close()
		want := []string{"subscribe", "subscribe", "subscribe", "unsubscribe"}
		if !slices.Equal(b.asked, want) {
			t.Errorf("the broker was asked to %v, want %v", b.asked, want)
		}
		if len(told) != 2 || !errors.Is(told[0], errBroken) {
			t.Errorf("OnError got %v, want two times %v", told, errBroken)
		}
	})
}

// A broker may give back what was published: it is dropped.
func TestPresenceEcho(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &slowBroker{echo: true}
		p := presence.New(&presence.Options[string]{
			Broker:  b,
			OnError: func(err error) { t.Errorf("OnError got %v, want nothing", err) },
		})
		enter(t, p, "lobby", "ann", "x")
		time.Sleep(4 * beat)
		wantList(t, "it", p, "lobby", "ann=x")
		p.Close()
		if got := len(b.published); got > 8 {
			t.Errorf("published %d messages, want a hello, a change, four beats and a bye", got)
		}
	})
}

// A value that the others could not decode is an error of Enter: only they would know.
func TestPresenceUndecodableValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := presence.New(&presence.Options[string]{
			Broker: &slowBroker{},
			Encode: func(s string) ([]byte, error) { return []byte(s), nil },
			Decode: func([]byte) (string, error) { return "", errBroken },
		})
		if _, err := p.Enter("lobby", "ann", "x"); !errors.Is(err, errBroken) {
			t.Errorf("Enter = %v, want %v", err, errBroken)
		}
		p.Close()
	})
}

// wildBroker is a broker whose methods meet what the test gives, while it is wild.
type wildBroker struct {
	slowBroker
	wild atomic.Bool
	meet func()
}

func (b *wildBroker) call() {
	if b.wild.Load() {
		b.meet()
	}
}

func (b *wildBroker) Publish(room string, data []byte) error {
	b.call()
	return b.slowBroker.Publish(room, data)
}

func (b *wildBroker) Subscribe(room string, receive func([]byte, error)) error {
	b.call()
	return b.slowBroker.Subscribe(room, receive)
}

func (b *wildBroker) Unsubscribe(room string) error {
	b.call()
	return b.slowBroker.Unsubscribe(room)
}

// Contract 9.9: a broker that panics, or ends its goroutine, ends no process, and the
// presence tries again.
func TestPresenceBrokerPanics(t *testing.T) {
	for what, meet := range map[string]func(){
		"panic: disco": func() { panic("disco") }, "Goexit was called": runtime.Goexit,
	} {
		synctest.Test(t, func(t *testing.T) {
			b := &wildBroker{meet: meet}
			b.wild.Store(true)
			h := newHouse(t, sim.New(t, 1), &presence.Options[string]{Broker: b})
			h.enter("lobby", "ann", "here")
			time.Sleep(time.Minute)
			b.wild.Store(false)
			time.Sleep(2 * beat)
			if got := h.Len("lobby"); got != 1 || b.timesAsked() != 1 {
				t.Errorf("Len = %d, subscribed %d times, want 1 and 1", got, b.timesAsked())
			}
			b.wild.Store(true)
			h.Close()
			text := fmt.Sprint(h.told())
			for _, want := range []string{what, "publish presence", "subscribe to presence",
				"unsubscribe from presence", "broker_test.go:"} {
				if !strings.Contains(text, want) {
					t.Errorf("OnError was told %.500s, want %q", text, want)
				}
			}
		})
	}
}
