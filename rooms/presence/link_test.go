package presence_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/sim"
	"github.com/beatrichartz/martini-sockets/rooms/presence"
)

// holdingBroker keeps what comes in, when it is told to.
type holdingBroker struct {
	rooms.Broker
	receive func([]byte, error)

	mu   sync.Mutex
	hold bool
	held [][]byte
}

func (b *holdingBroker) Subscribe(room string, receive func([]byte, error)) error {
	b.receive = receive
	return b.Broker.Subscribe(room, func(data []byte, lost error) {
		if !b.keep(data) {
			receive(data, lost)
		}
	})
}

func (b *holdingBroker) keep(data []byte) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.hold {
		b.held = append(b.held, data)
	}
	return b.hold
}

func (b *holdingBroker) setHold() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hold = true
}

// release gives what was held, though nobody may listen any more.
func (b *holdingBroker) release() {
	b.mu.Lock()
	held := b.held
	b.mu.Unlock()
	for _, data := range held {
		b.receive(data, nil)
	}
}

// Contract 12.1: what comes after Close, or is being decoded meanwhile, changes nothing.
func TestPresenceHearsAndCloses(t *testing.T) {
	tests := []struct {
		name    string
		during  bool // Close is called while the value is decoded
		decoded int32
	}{
		{name: "after", decoded: 1},
		{name: "meanwhile", during: true, decoded: 2},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			var decoded atomic.Int32
			goOn := make(chan struct{})
			net := sim.New(t, 1)
			b := &holdingBroker{Broker: net.Start().Broker()}
			here := newHouse(t, net, &presence.Options[string]{
				Broker: b,
				Decode: func(data []byte) (string, error) {
					if decoded.Add(1) == 2 {
						<-goOn
					}
					return string(data), nil
				},
			})
			there := newHouse(t, net, &presence.Options[string]{Decode: verbatim, Encode: bytesOf})
			time.Sleep(time.Second)
			there.enter("lobby", "ann", "x")
			time.Sleep(moment)
			wantAll(t, "lobby", "ann=x", here)
			b.setHold()
			there.enter("lobby", "bob", "x")
			time.Sleep(beat / 32) // changes in a row go together
			if test.during {
				go b.release()
				synctest.Wait()
				here.Close()
				close(goOn)
			} else {
				close(goOn)
				here.Close()
				b.release()
			}
			synctest.Wait()
			wantAll(t, "lobby", "", here)
			if got := decoded.Load(); got != test.decoded || len(here.told()) > 0 {
				t.Errorf("%s: decoded %d, told %v, want %d and nothing",
					test.name, got, here.told(), test.decoded)
			}
		})
	}
}

func verbatim(data []byte) (string, error) { return string(data), nil }

func bytesOf(s string) ([]byte, error) { return []byte(s), nil }

// Contract 12.3: an answer to somebody else is not even decoded by those who know it all.
func TestPresenceDecodesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var decoded atomic.Int32
		net := sim.New(t, 1)
		newHouse(t, net, &presence.Options[string]{
			Decode: func(data []byte) (string, error) { decoded.Add(1); return string(data), nil },
		})
		there := newHouse(t, net, nil)
		time.Sleep(time.Second)
		for range 10 {
			there.enter("lobby", "ann", "x")
		}
		time.Sleep(beat)
		newcomer := newHouse(t, net, nil)
		time.Sleep(beat)
		if got := len(newcomer.Find("lobby", "ann")); got != 10 {
			t.Errorf("the newcomer knows %d visits, want 10", got)
		}
		if got := decoded.Load(); got != 10 {
			t.Errorf("decoded %d values, want 10", got)
		}
	})
}

// deadBroker fails, except to subscribe.
type deadBroker struct{ slowBroker }

func (*deadBroker) Publish(string, []byte) error { return errBroken }

func (*deadBroker) Unsubscribe(string) error { return errBroken }

// All that fails is told. What was not subscribed is not unsubscribed.
func TestPresenceBrokerErrors(t *testing.T) {
	tests := []struct {
		name string
		fail int32 // how many times Subscribe fails
		want []string
	}{
		{name: "subscribed", want: []string{
			"rooms: publish presence: broken", "rooms: publish presence: broken",
			"rooms: unsubscribe from presence: broken"}},
		{name: "not subscribed", fail: 1, want: []string{
			"rooms: subscribe to presence: broken", "rooms: publish presence: broken",
			"rooms: publish presence: broken"}},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			b := &deadBroker{}
			b.fail.Store(test.fail)
			var told []string
			p := presence.New(&presence.Options[string]{
				Broker: b,
				OnError: func(err error) {
					if !errors.Is(err, errBroken) {
						t.Errorf("OnError got %v, want it to wrap %v", err, errBroken)
					}
					told = append(told, err.Error())
				},
			})
			synctest.Wait() // the hello; then comes the bye
			p.Close()
			if got, want := strings.Join(told, "\n"), strings.Join(test.want, "\n"); got != want {
				t.Errorf("%s: OnError got\n%s\nwant\n%s", test.name, got, want)
			}
		})
	}
}
