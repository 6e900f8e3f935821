package natsbroker

import (
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// An outage is told once.
func TestLook(t *testing.T) {
	nc := connect(t, startServer(t, &server.Options{}))
	told := 0
	w := &watcher{nc: nc, tell: func(error) { told++ }}
	for outages := range 3 {
		for range 3 {
			w.look()
		}
		if told != outages {
			t.Errorf("told %d times, want %d", told, outages)
		}
		nc.ForceReconnect()
		for nc.Stats().Reconnects == uint64(outages) || !nc.IsConnected() {
			time.Sleep(time.Millisecond)
		}
	}
}

// A subscription that NATS has not answered in time is told of once, when it has it.
func TestLookUnanswered(t *testing.T) {
	told := 0
	w := &watcher{
		nc:   connect(t, startServer(t, &server.Options{})),
		tell: func(error) { told++ },
	}
	w.unanswered.Add(2)
	for range 3 {
		w.look()
	}
	if told != 1 {
		t.Errorf("told %d times, want 1", told)
	}
}

// The end of the connection is told once, and is the end of the watcher.
func TestWatchEnds(t *testing.T) {
	nc := connect(t, startServer(t, &server.Options{}))
	nc.Close()
	var told []error
	w := &watcher{nc: nc, tell: func(outage error) { told = append(told, outage) }}
	ended := make(chan struct{})
	go func() {
		w.run(nil)
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(15 * time.Second):
		t.Fatal("the watcher goes on though the connection is closed")
	}
	if len(told) != 1 || !errors.Is(told[0], ErrOutage) || !errors.Is(told[0], nats.ErrConnectionClosed) {
		t.Errorf("told %v, want %v and %v", told, ErrOutage, nats.ErrConnectionClosed)
	}
}

// An error that was there before is no refusal: a right that was missing may be there now.
func TestRefusal(t *testing.T) {
	nc := connect(t, startServer(t, &server.Options{Users: []*server.User{{
		Username: "chat", Password: "secret", Permissions: &server.Permissions{
			Subscribe: &server.SubjectPermission{Deny: []string{"refused"}},
		},
	}}}), nats.UserInfo("chat", "secret"))
	nc.SubscribeSync("refused")
	nc.Flush()
	if err := refusal(nc, "refused", nil); !errors.Is(err, nats.ErrPermissionViolation) {
		t.Errorf("refusal = %v, want %v", err, nats.ErrPermissionViolation)
	}
	if err := refusal(nc, "other", nil); err != nil {
		t.Errorf("refusal of another subject = %v, want no error", err)
	}
	if err := refusal(nc, "refused", nc.LastError()); err != nil {
		t.Errorf("refusal with an old error = %v, want no error", err)
	}
}
