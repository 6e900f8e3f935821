//go:build linux

package broker_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

// rights are those of the package comment, for a broker.
var rights = strings.Fields(
	"resetchannels &rooms:* resetkeys ~rooms:* -@all " +
		"+subscribe +unsubscribe +publish +time +eval +evalsha")

// newUser returns a server on which a user has rights, and a broker of that user.
func newUser(t *testing.T, rights []string) (*redistest.Server, *redisrooms.Broker) {
	t.Helper()
	s := redistest.NewServer(t)
	setRights(t, s, append([]string{"on", ">secret"}, rights...)...)
	b := redisrooms.NewBroker(redistest.Connect(t, s.Address(), func(o *redis.Options) {
		o.Username, o.Password = "user", "secret"
	}), nil)
	t.Cleanup(b.Close)
	return s, b
}

func setRights(t *testing.T, s *redistest.Server, rights ...string) {
	t.Helper()
	args := []any{"ACL", "SETUSER", "user"}
	for _, r := range rights {
		args = append(args, r)
	}
	s.Do(t, args...)
}

// Contract 10.14: with exactly the rights of the documentation a broker works.
func TestRights(t *testing.T) {
	t.Parallel()
	s, b := newUser(t, rights)
	in := newInbox()
	subscribe(t, b, in.receive)
	for range 2 { // the second time without the scripts
		if err := newBroker(t, s).Publish("room", []byte("to the user")); err != nil {
			t.Fatalf("Publish = %v, want no error", err)
		}
		in.want(t, "to the user")
		if err := b.Publish("room", []byte("of the user")); err != nil {
			t.Fatalf("Publish = %v, want no error", err)
		}
		in.want(t, "of the user")
		s.Do(t, "SCRIPT", "FLUSH")
	}
	if err := b.Unsubscribe("room"); err != nil {
		t.Errorf("Unsubscribe = %v, want no error", err)
	}
	if refused := s.Do(t, "ACL", "LOG").([]any); len(refused) > 0 {
		t.Logf("refused, and nobody minds: %v", refused)
	}
}

// Contract 10.14: without one of its rights, an error names the command or the channel.
func TestMissingRights(t *testing.T) {
	t.Parallel()
	for _, right := range rights {
		if !strings.ContainsAny(right, "+~&") {
			continue // it only takes the others away
		}
		name := strings.Trim(right, "+~&*")
		t.Run(right, func(t *testing.T) {
			t.Parallel()
			i := slices.Index(rights, right)
			_, b := newUser(t, slices.Concat(rights[:i], rights[i+1:]))
			told := make(chan error, 100)
			err := b.Subscribe("room", func(_ []byte, lost error) { told <- lost })
			if err == nil {
				err = b.Publish("room", []byte("x"))
			}
			if err == nil {
				err = lossOf(t, told)
			}
			if !strings.Contains(strings.ToLower(err.Error()), name) {
				t.Errorf("without %s: %v, want its name", right, err)
			}
		})
	}
}

// Contract 10.14: a room that was refused can be subscribed as soon as the right is there.
func TestRightGivenLater(t *testing.T) {
	t.Parallel()
	i := slices.Index(rights, "+subscribe")
	s, b := newUser(t, slices.Concat(rights[:i], rights[i+1:]))
	receive := func([]byte, error) {}
	if err := b.Subscribe("room", receive); err == nil {
		t.Error("Subscribe = nil, want an error without the right")
	}
	setRights(t, s, "+subscribe")
	redistest.Eventually(t, "the room is subscribed", func() bool {
		err := b.Subscribe("room", receive)
		if strings.Contains(fmt.Sprint(err), "already") {
			t.Fatalf("Subscribe = %v, want no error, or the one of before", err)
		}
		return err == nil
	})
}

// Contract 10.14: what an outage shows to be refused is told, and an outage once more
// when it is there again.
func TestRightsTakenAway(t *testing.T) {
	t.Parallel()
	s, b := newUser(t, rights)
	told := make(chan error, 1000)
	if err := b.Subscribe("room", func(_ []byte, lost error) { told <- lost }); err != nil {
		t.Fatalf("Subscribe = %v, want no error", err)
	}
	refused := func() bool {
		err := lossOf(t, told)
		return redis.IsPermissionError(err) || redis.IsAuthError(err)
	}
	for _, change := range [][2]string{
		{"-subscribe", "+subscribe"}, {"-unsubscribe", "+unsubscribe"},
		{"-publish", "+publish"}, {"off", "on"},
	} {
		setRights(t, s, change[0])
		s.Do(t, "CLIENT", "KILL", "TYPE", "pubsub")
		for !refused() {
		}
		setRights(t, s, change[1])
		for refused() {
		}
	}
}

// lossOf waits for a loss.
func lossOf(t *testing.T, told <-chan error) error {
	t.Helper()
	for {
		select {
		case err := <-told:
			if err != nil {
				return err
			}
		case <-time.After(redistest.Patience):
			t.Fatal("nothing was told")
		}
	}
}
