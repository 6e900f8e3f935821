package log_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/internal/port"
	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// The rights of the documentation.
var (
	mayPublish = []string{
		"rooms.log.*", "$JS.API.STREAM.INFO.ROOMS", "$JS.API.STREAM.CREATE.ROOMS",
		"$JS.API.STREAM.MSG.GET.ROOMS", "$JS.API.DIRECT.GET.ROOMS",
	}
	maySubscribe = []string{"rooms.live.*", "_INBOX.>"}
)

func rights(publish, subscribe []string) []*server.User {
	return []*server.User{
		{Username: "all", Password: "secret"},
		{Username: "chat", Password: "secret", Permissions: &server.Permissions{
			Publish:   &server.SubjectPermission{Allow: publish},
			Subscribe: &server.SubjectPermission{Allow: subscribe},
		}},
	}
}

func startWithRights(t *testing.T, publish, subscribe []string) *natstest.Server {
	dir := t.TempDir()
	return natstest.NewServer(t, func(o *server.Options) {
		o.JetStream, o.StoreDir = true, dir
		o.Users = rights(publish, subscribe)
	})
}

func without(all []string, one string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == one })
}

// Contract 11.7: with exactly the rights of the documentation everything works.
func TestRights(t *testing.T) {
	s := startWithRights(t, mayPublish, maySubscribe)
	l := newLog(t, s, natsrooms.LogOptions{}, nats.UserInfo("chat", "secret"))
	useAll(t, l, "used")
}

// useAll uses all that a log can do.
func useAll(t *testing.T, l *natsrooms.Log, room string) {
	t.Helper()
	news := make(chan rooms.News, 10)
	at, err := l.Follow(t.Context(), room, func(n rooms.News) { news <- n })
	if err != nil {
		t.Fatalf("Follow = %v, want no error", err)
	}
	place := appendTo(t, l, room, "id", "x")
	if again := appendTo(t, l, room, "id", "x"); again != place {
		t.Errorf("Append again = %v, want %v", again, place)
	}
	appendTo(t, l, "another room", "id", "x")
	natstest.Eventually(t, "the entry comes", func() bool {
		return len(news) > 0 && (<-news).Place == place
	})
	page, err := l.Read(t.Context(), room, at)
	if err != nil || !page.Whole || len(page.Entries) != 1 {
		t.Errorf("Read = %v, %v, want one, whole", page, err)
	}
}

// Contract 11.7: without one of the rights, the error names it.
func TestMissingRights(t *testing.T) {
	t.Parallel()
	for _, right := range slices.Concat(mayPublish, maySubscribe[:1]) {
		t.Run(right, func(t *testing.T) {
			t.Parallel()
			s := startWithRights(t, without(mayPublish, right), without(maySubscribe, right))
			if strings.Contains(right, "INFO") || strings.Contains(right, "CREATE") {
				l := natsrooms.NewLog(s.Connect(t, nats.UserInfo("chat", "secret")), nil)
				t.Cleanup(l.Close)
				natstest.Eventually(t, "the error names the right", func() bool {
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					return names(l.Ready(ctx), right)
				})
				return
			}
			newLog(t, s, natsrooms.LogOptions{}, nats.UserInfo("all", "secret"))
			l := newLog(t, s, natsrooms.LogOptions{Wait: 3 * time.Second},
				nats.UserInfo("chat", "secret"))
			_, followed := l.Follow(t.Context(), "room", func(rooms.News) {})
			_, appended := l.Append(t.Context(), "other", "id", []byte("x"))
			_, read := l.Read(t.Context(), "room", rooms.Place{})
			if !names(followed, right) && !names(appended, right) && !names(read, right) {
				t.Errorf("Follow = %v, Append = %v, Read = %v, want one to name %s",
					followed, appended, read, right)
			}
			if errors.Is(appended, rooms.ErrUncertain) && right == "rooms.log.*" {
				t.Errorf("Append = %v, want certainty", appended)
			}
		})
	}
}

func names(err error, right string) bool {
	return errors.Is(err, nats.ErrPermissionViolation) &&
		strings.Contains(err.Error(), `"`+strings.TrimSuffix(right, "*"))
}

// Contract 10.9: each of many rooms that may not be followed is an error; rights that
// are taken away are told, and given back leave no room deaf.
func TestLogRights(t *testing.T) {
	t.Parallel()
	s := startWithRights(t, mayPublish, nil)
	s.Reload(t, func(o *server.Options) { o.Users = rights(mayPublish, []string{"_INBOX.>"}) })
	l := newLog(t, s, natsrooms.LogOptions{}, nats.UserInfo("chat", "secret"))
	const many = 50
	var refused, told, looks atomic.Int64
	follow := func() {
		var wg sync.WaitGroup
		for i := range many {
			wg.Go(func() {
				_, err := l.Follow(t.Context(), fmt.Sprint(i), func(n rooms.News) {
					switch {
					case errors.Is(n.Err, nats.ErrPermissionViolation):
						told.Add(1)
					case errors.Is(n.Err, natsrooms.ErrOutage):
						looks.Add(1)
					}
				})
				if errors.Is(err, nats.ErrPermissionViolation) {
					refused.Add(1)
				} else if err != nil {
					t.Errorf("Follow = %v", err)
				}
			})
		}
		wg.Wait()
	}
	follow()
	if got := refused.Load(); got != many {
		t.Errorf("%d of %d were refused, want all", got, many)
	}
	s.Reload(t, func(o *server.Options) { o.Users = rights(mayPublish, maySubscribe) })
	follow()
	if got := refused.Load(); got != many {
		t.Errorf("%d more were refused, want none", got-many)
	}
	s.Reload(t, func(o *server.Options) { o.Users = rights(mayPublish, []string{"_INBOX.>"}) })
	natstest.Eventually(t, "all are told", func() bool { return told.Load() == many })
	s.Reload(t, func(o *server.Options) { o.Users = rights(mayPublish, maySubscribe) })
	natstest.Eventually(t, "all are told to look", func() bool { return looks.Load() >= many })
}

// Contract 10.10: the log carries on with a new connection.
func TestLogClosedForGood(t *testing.T) {
	s := startNATS(t)
	nc := s.Connect(t)
	l := readyLog(t, nc, &natsrooms.LogOptions{
		Connect: func() (*nats.Conn, error) { return s.Connect(t), nil }})
	news := make(chan rooms.News, 1000)
	if _, err := l.Follow(t.Context(), "room", func(n rooms.News) { news <- n }); err != nil {
		t.Fatalf("Follow = %v, want no error", err)
	}
	s.Reload(t, func(o *server.Options) { o.MaxPayload = 10_000 })
	// Its answer is lost with the connection.
	_, err := l.Append(t.Context(), "room", "large", make([]byte, 20_000))
	if !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("Append over the limit = %v, want %v", err, nats.ErrConnectionClosed)
	}
	if !nc.IsClosed() {
		t.Fatal("the connection is open, want it closed for good")
	}
	natstest.Eventually(t, "the log takes entries again", func() bool {
		_, err := l.Append(t.Context(), "room", "small", []byte("small"))
		return err == nil
	})
	told := false
	heard := false
	natstest.Eventually(t, "the room is told, and hears", func() bool {
		for len(news) > 0 {
			n := <-news
			told = told || errors.Is(n.Err, natsrooms.ErrOutage)
			heard = heard || string(n.Data) == "small"
		}
		return told && heard
	})
}

// Contract 11.7: a process at a leaf node uses the stream of the hub, by its domain.
func TestDomain(t *testing.T) {
	t.Parallel()
	dirs, address := []string{t.TempDir(), t.TempDir()}, port.Reserve(t)
	hub := natstest.NewServer(t, func(o *server.Options) {
		o.ServerName, o.JetStream, o.StoreDir, o.JetStreamDomain = "hub", true, dirs[0], "hub"
		o.LeafNode.Host, o.LeafNode.Port = "127.0.0.1", address.Port
	})
	leaf := natstest.NewServer(t, func(o *server.Options) {
		o.ServerName, o.JetStream, o.StoreDir, o.JetStreamDomain = "leaf", true, dirs[1], "leaf"
		o.LeafNode.Remotes = []*server.RemoteLeafOpts{{URLs: []*url.URL{
			{Scheme: "nats", Host: address.String()},
		}}}
	})
	l := newLog(t, leaf, natsrooms.LogOptions{API: "$JS.hub.API"})
	place := appendTo(t, l, "room", "id", "x")
	if got := appendTo(t, newLog(t, hub, natsrooms.LogOptions{}), "room", "id", "x"); got != place {
		t.Errorf("Append of the same id at the hub = %v, want %v", got, place)
	}
	useAll(t, l, "leaf")
}
