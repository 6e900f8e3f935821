//go:build linux

package log_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

// rights are those of the documentation, for a log with the default prefix.
const rights = "resetchannels &rooms:* resetkeys ~rooms:* -@all +subscribe +unsubscribe " +
	"+publish +time +eval +evalsha +get +set +exists +pexpire +xadd +xrange +xinfo|stream"

// asUser has a client with just these rights.
func asUser(t *testing.T, s *redistest.Server, rights string) func(o *redis.Options) {
	t.Helper()
	args := []any{"ACL", "SETUSER", "chat", "on", ">secret"}
	for _, right := range strings.Fields(rights) {
		args = append(args, right)
	}
	s.Do(t, args...)
	return func(o *redis.Options) { o.Username, o.Password = "chat", "secret" }
}

// useAll uses all that a log can do, and returns the first error of each method.
func useAll(t *testing.T, l *redisrooms.Log) (errs []error) {
	t.Helper()
	news := make(chan rooms.News, 10)
	_, followed := l.Follow(t.Context(), "room", func(n rooms.News) { news <- n })
	place, appended := l.Append(t.Context(), "room", "id", []byte("x"))
	again, repeated := l.Append(t.Context(), "room", "id", []byte("x"))
	page, read := l.Read(t.Context(), "room", rooms.Place{})
	if appended == nil && followed == nil {
		redistest.Eventually(t, "the entry comes", func() bool {
			return len(news) > 0 && (<-news).Place == place
		})
	}
	if appended == nil && read == nil && (again != place || len(page.Entries) != 1) {
		t.Errorf("Append again = %v, Read = %v, want %v once", again, page, place)
	}
	return []error{followed, appended, repeated, read}
}

// Contract 11.10: with exactly the rights of the documentation a log works, also on a
// server that does not know its scripts.
func TestRights(t *testing.T) {
	t.Parallel()
	s := redistest.NewServer(t)
	l := newLog(t, s.Address(), redisrooms.LogOptions{}, asUser(t, s, rights))
	if err := errors.Join(useAll(t, l)...); err != nil {
		t.Errorf("with all rights: %v, want no error", err)
	}
	s.Do(t, "SCRIPT", "FLUSH")
	appendTo(t, l, "room", "flushed", "x")
}

// Contract 11.10: without one of the rights, the error names it; it is certain, and nothing
// is shown.
func TestMissingRights(t *testing.T) {
	for right := range strings.FieldsSeq(rights) {
		name, isCommand := strings.CutPrefix(right, "+")
		if !isCommand && right[0] != '~' && right[0] != '&' || name == "unsubscribe" {
			continue // without UNSUBSCRIBE the connection is replaced
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := redistest.NewServer(t)
			rest := slices.DeleteFunc(strings.Fields(rights),
				func(r string) bool { return r == right })
			l := newLog(t, s.Address(), redisrooms.LogOptions{Wait: 4 * time.Second},
				asUser(t, s, strings.Join(rest, " ")))
			errs, named := useAll(t, l), false
			want, _, _ := strings.Cut(strings.ToUpper(name), "|")
			for _, err := range errs {
				if errors.Is(err, rooms.ErrUncertain) {
					t.Errorf("%v, want certainty", err)
				}
				named = named || err != nil && (!isCommand && strings.Contains(err.Error(), "rooms:") ||
					strings.Contains(strings.ToUpper(err.Error()), want))
			}
			if !named {
				t.Errorf("the errors are %q, want one that names %s", errs, right)
			}
			if got := s.Do(t, "XLEN", streamOf("room")); got != int64(0) && errs[1] != nil {
				t.Errorf("Append = %v, and the stream has %v entries, want none", errs[1], got)
			}
		})
	}
}
