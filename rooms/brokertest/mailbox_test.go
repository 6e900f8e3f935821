package brokertest_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
)

// When Publish returns, the subscriber has the message; for one that is stuck it waits a
// moment, once. When that has caught up, it is waited for again.
func TestMemoryWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var network brokertest.Memory
		from, to := network.Broker(), network.Broker()
		var got []string
		stuck := make(chan struct{})
		to.Subscribe("room", func(data []byte, _ error) {
			if string(data) == "stuck" {
				<-stuck
			}
			got = append(got, string(data))
		})
		tests := []struct {
			message string
			want    int // have arrived when Publish returns
			takes   time.Duration
			release bool // the receiver, after that
		}{
			{message: "first", want: 1},
			{message: "second", want: 2},
			{message: "stuck", want: 2, takes: 100 * time.Millisecond},
			{message: "waits", want: 2, release: true},
			{message: "third", want: 5},
			{message: "stuck", want: 5, takes: 100 * time.Millisecond, release: true},
		}
		for _, test := range tests {
			start := time.Now()
			from.Publish("room", []byte(test.message))
			took := time.Since(start)
			synctest.Wait()
			if len(got) != test.want || took != test.takes {
				t.Errorf("Publish(%q): %d arrived after %v, want %d after %v",
					test.message, len(got), took, test.want, test.takes)
			}
			if test.release {
				stuck <- struct{}{}
				synctest.Wait()
			}
		}
		want := []string{"first", "second", "stuck", "waits", "third", "stuck"}
		if !slices.Equal(got, want) {
			t.Errorf("received %q, want %q", got, want)
		}
	})
}

// What waits for a stuck subscriber goes with the subscription.
func TestMemoryUnsubscribeStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var network brokertest.Memory
		from, to := network.Broker(), network.Broker()
		stuck, got := make(chan struct{}), 0
		to.Subscribe("room", func([]byte, error) {
			got++
			<-stuck
		})
		for i := range 5 {
			from.Publish("room", fmt.Append(nil, i))
		}
		to.Unsubscribe("room")
		close(stuck)
		synctest.Wait()
		if got != 1 {
			t.Errorf("received %d messages, want the one that was under way", got)
		}
	})
}

// A publisher does not wait for a subscription that ends meanwhile.
func TestMemoryUnsubscribeWhilePublishing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var network brokertest.Memory
		from, to := network.Broker(), network.Broker()
		stuck := make(chan struct{})
		to.Subscribe("room", func([]byte, error) { <-stuck })
		go from.Publish("room", nil)
		synctest.Wait()
		took := make(chan time.Duration)
		go func() {
			start := time.Now()
			from.Publish("room", nil)
			took <- time.Since(start)
		}()
		time.Sleep(time.Millisecond)
		to.Unsubscribe("room")
		if got := <-took; got != time.Millisecond {
			t.Errorf("Publish took %v, want 1ms, until Unsubscribe", got)
		}
		close(stuck)
	})
}
