//go:build linux

package log_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
	"github.com/beatrichartz/martini-sockets/rooms/internal/proxy"
	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

// The histories take real time: few of them.
var seeds = history.SeedFlags(4, 4)

// Contract 13.2, for section 11 on a real Redis. The seed draws how many entries are
// kept, and whether the log drops and loses entries, so that one fault does not hide the
// others.
func TestHistories(t *testing.T) {
	t.Parallel()
	seeds.Run(t, func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 29))
		w := &world{t: t, server: redistest.NewServer(t),
			options: redisrooms.LogOptions{Count: []int{12, 300, 1000}[r.IntN(3)]}}
		w.admin = w.server.Connect(t)
		happens := history.World{
			Connect: w.connect, Break: w.breakSome, Drop: w.drop, Lose: w.lose, Last: w.last,
			Holds: w.holds, Left: w.left, Steps: 25, Backlog: 2000,
			Dropped: w.options.Count < 300, Pace: 400 * time.Millisecond,
			Slowest: 10 * time.Second, Healing: 40 * time.Second,
		}
		if r.IntN(2) == 0 {
			happens.Drop = nil
		}
		if r.IntN(2) == 0 {
			happens.Lose = nil
		}
		t.Logf("%+v, drops %v, losses %v", w.options, happens.Drop != nil, happens.Lose != nil)
		history.Log(t, seed, happens)
	})
}

// world is a server, and processes that reach it by a proxy each. The history's goroutine
// uses it.
type world struct {
	t       *testing.T
	server  *redistest.Server
	admin   *redis.Client
	options redisrooms.LogOptions
	ways    []*proxy.Proxy // of the processes that live
	down    bool
	rewind  func(*testing.T) // nil, or what lose goes back with
}

func (w *world) connect() (rooms.Log, func()) {
	way := proxy.New(w.t, w.server)
	c := redistest.Connect(w.t, way.Address())
	l := redisrooms.NewLog(c, &w.options)
	w.t.Cleanup(l.Close)
	w.ways = append(w.ways, way)
	return l, func() {
		way.Refuse(true)
		c.Close()
		l.Close()
		w.ways = slices.DeleteFunc(w.ways, func(p *proxy.Proxy) bool { return p == way })
	}
}

func (w *world) breakSome(r *rand.Rand) (what string, mend func()) {
	if n := r.IntN(6); n > 1 || w.down {
		var ways []*proxy.Proxy
		for i, way := range w.ways {
			if r.IntN(2) == 0 {
				what, ways = fmt.Sprint(what, " ", i), append(ways, way)
			}
		}
		kind, mend := proxy.Break(r, ways)
		return fmt.Sprintf("%s for processes%s", kind, what), mend
	} else if n == 0 {
		w.down = true
		w.server.Kill()
		return "the server is killed", func() { w.server.Start(w.t); w.down = false }
	}
	w.down = true
	w.server.Pause()
	return "the server stands still", func() { w.server.Resume(); w.down = false }
}

// drop has an administrator take entries away.
func (w *world) drop(r *rand.Rand) string {
	key, ctx := streamOf("lobby"), context.Background()
	switch r.IntN(4) {
	case 0:
		return fmt.Sprint("trim the lobby: ", w.admin.XTrimMaxLen(ctx, key, 2).Err())
	case 1:
		return fmt.Sprint("empty the lobby: ", w.admin.XTrimMaxLen(ctx, key, 0).Err())
	case 2:
		last := w.admin.XRevRangeN(ctx, key, "+", "-", 1)
		return fmt.Sprint("the lobby's last: ", w.delete(key, last))
	}
	some := w.admin.XRevRangeN(ctx, key, "+", "-", 4)
	return fmt.Sprint("one of the lobby: ", w.delete(key, some))
}

// delete deletes the last that was found.
func (w *world) delete(key string, found *redis.XMessageSliceCmd) error {
	entries, err := found.Result()
	if len(entries) > 0 {
		err = w.admin.XDel(context.Background(), key, entries[len(entries)-1].ID).Err()
	}
	return err
}

func (w *world) lose(r *rand.Rand) (what string, lost bool) {
	switch {
	case r.IntN(4) == 0:
		w.server.Lose(w.t)
		return "lose everything", true
	case w.rewind == nil:
		w.rewind = w.server.Snapshot(w.t)
		return "copy the files", false
	}
	w.rewind(w.t)
	w.rewind = nil
	return "set back to the copy", true
}

func (w *world) last(room string) (number uint64) {
	redistest.Eventually(w.t, "the last number is known", func() bool {
		info, err := w.admin.XInfoStream(context.Background(), streamOf(room)).Result()
		if redis.HasErrorPrefix(err, "no such key") {
			return true
		}
		text, _, _ := strings.Cut(info.LastGeneratedID, "-")
		number, _ = strconv.ParseUint(text, 10, 64)
		return err == nil
	})
	return number
}

func (w *world) holds(room string) (ids map[string]bool, err error) {
	ids = make(map[string]bool)
	entries, err := w.admin.XRange(context.Background(), streamOf(room), "-", "+").Result()
	for _, e := range entries {
		data := []byte(e.Values["data"].(string))
		var said struct{ ID string }
		json.Unmarshal(data[max(0, bytes.LastIndexByte(data, '{')):], &said)
		ids[said.ID] = true
	}
	return ids, err
}

func (w *world) left() string {
	if n := redistest.Subscriptions(w.t, w.admin, "rooms:*"); n > 0 {
		return fmt.Sprintf("%d subscriptions", n)
	}
	return ""
}
