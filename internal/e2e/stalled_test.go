package e2e

import (
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// Contract 4.1: over TCP, a write to a stalled client ends with a timeout,
// which the handler receives.
func TestStalledClient(t *testing.T) {
	errors := make(chan error, 1)
	handler := func(sender chan<- []byte, done <-chan bool, errs <-chan error) {
		for {
			select {
			case sender <- make([]byte, 60000):
			case err := <-errs:
				errors <- err
				<-done
				return
			}
		}
	}
	server := wstest.NewServer(t,
		apptest.App(apptest.Bytes(apptest.Silent(func(o *sockets.Options) {
			o.WriteWait = 50 * time.Millisecond
		})),
			handler))
	server.Dial("/ws", nil)

	if err := apptest.Next(t, "error", errors); !apptest.IsTimeout(err) {
		t.Errorf("error = %v, want a timeout", err)
	}
}

// Contract 3.12: the memory of a dead connection is free once the handler has
// returned, even if others hold its channels.
func TestMemoryOfADeadConnection(t *testing.T) {
	type big struct{ Data [1 << 16]byte }
	held := make(chan chan<- *big, 1)
	freed := make(chan bool, 100)
	handler := func(sender chan<- *big, done <-chan bool) {
		<-done
		for range 50 {
			m := new(big)
			runtime.AddCleanup(m, func(int) { freed <- true }, 0)
			sender <- m
		}
		held <- sender
	}
	server := wstest.NewServer(t,
		apptest.App(apptest.JSON(big{},
			apptest.Silent(func(o *sockets.Options) { o.SendChannelBuffer = 100 })),
			handler))
	client := server.Dial("/ws", nil)
	client.Send(wstest.Close(1000, ""))
	client.ReadClose()
	client.ReadEnd()

	sender := apptest.Next(t, "sender", held)
	deadline := time.Now().Add(wstest.Wait)
	for len(freed) < 50 && time.Now().Before(deadline) {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}

	if len(freed) != 50 {
		t.Errorf("freed %d of 50 messages", len(freed))
	}
	runtime.KeepAlive(sender)
}

// Contract 6: a wait that is meant to be endless does not overflow.
func TestLongestWaits(t *testing.T) {
	t.Parallel()
	server := wstest.NewServer(t,
		apptest.Messages(apptest.Echo[string], func(o *sockets.Options) {
			o.WriteWait, o.PongWait, o.PingPeriod = math.MaxInt64, math.MaxInt64,
				math.MaxInt64-1
		}))
	client := server.Dial("/ws", nil)

	for range 3 {
		client.Send(wstest.Text("hello"))
		if _, got := client.ReadMessage(); string(got) != "hello" {
			t.Errorf("ReadMessage() = %q, want hello", got)
		}
	}
}
