package log_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// fakeStream answers as JetStream would, with what a real one gives only in trouble.
// Its room has entries that are never there when they are asked for in a batch.
type fakeStream struct {
	nc *nats.Conn

	mu       sync.Mutex // protects the fields below
	replicas int
	window   time.Duration
	last     uint64                          // the sequence of the last entry; 0: none
	answer   func(n int, m *nats.Msg) string // to the n-th publish; "" is none
	ignore   map[string]int                  // so many requests, by the name of the API
	down     map[string]int                  // so many after those are answered by 503
	asked    map[string]int
	early    func()     // called before an entry is given; may be nil
	got      func() any // the entry that is given; if nil, one at last
}

// startFake makes a log on a fake stream.
func startFake(t *testing.T, f *fakeStream, o natsrooms.LogOptions) *natsrooms.Log {
	t.Helper()
	s := natstest.NewServer(t)
	f.nc, f.asked = s.Connect(t), make(map[string]int)
	for _, subject := range []string{"$JS.API.>", "rooms.log.*"} {
		if _, err := f.nc.Subscribe(subject, f.serve); err != nil {
			t.Fatalf("Subscribe = %v, want no error", err)
		}
	}
	if err := f.nc.Flush(); err != nil {
		t.Fatalf("Flush = %v, want no error", err)
	}
	return readyLog(t, s.Connect(t), &o)
}

func (f *fakeStream) serve(m *nats.Msg) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name := "PUBLISH"
	if api, ok := strings.CutPrefix(m.Subject, "$JS.API."); ok {
		name = strings.TrimSuffix(api, ".ROOMS")
	}
	f.asked[name]++
	if f.asked[name] <= f.ignore[name] {
		return
	}
	if f.asked[name] <= f.ignore[name]+f.down[name] {
		f.reply(m, map[string]any{"error": map[string]any{"code": 503, "err_code": 10008}})
		return
	}
	switch name {
	case "STREAM.INFO":
		f.reply(m, f.info())
	case "STREAM.MSG.GET":
		if f.early != nil {
			f.early()
		}
		f.reply(m, f.get())
	case "DIRECT.GET":
		none := nats.NewMsg(m.Reply)
		none.Header.Set("Status", "404")
		_ = f.nc.PublishMsg(none)
	case "PUBLISH":
		if answer := f.answer(f.asked[name], m); answer != "" {
			_ = m.Respond([]byte(answer))
		}
	}
}

func (f *fakeStream) reply(m *nats.Msg, answer any) {
	data, _ := json.Marshal(answer)
	_ = m.Respond(data)
}

func (f *fakeStream) info() jetstream.StreamInfo {
	return jetstream.StreamInfo{
		Created: time.Unix(1, 0), TimeStamp: time.Now(),
		Config: jetstream.StreamConfig{
			Name: "ROOMS", Subjects: []string{"rooms.log.*"}, AllowDirect: true,
			Replicas: f.replicas, Discard: jetstream.DiscardOld, Duplicates: f.window,
			RePublish: &jetstream.RePublish{
				Source: "rooms.log.*", Destination: "rooms.live.{{wildcard(1)}}"},
		},
	}
}

func (f *fakeStream) get() any {
	switch {
	case f.got != nil:
		return f.got()
	case f.last == 0:
		return failure(10037)
	}
	return entryOf("room", f.last, time.Now(), "1")
}

// entryOf is an entry as STREAM.MSG.GET gives it. It is late after the time "until".
func entryOf(room string, seq uint64, at time.Time, tag string, until ...time.Time) any {
	headers := "NATS/1.0\r\nRooms-Tag: " + tag + "\r\nRooms-Prev: 0-0\r\n"
	for _, u := range until {
		headers += fmt.Sprintf("Rooms-Until: %d\r\n", u.UnixNano())
	}
	return map[string]any{"message": map[string]any{
		"subject": subjectOf(room), "seq": seq, "time": at, "hdrs": []byte(headers + "\r\n"),
	}}
}

func failure(code int) any {
	return map[string]any{"error": map[string]any{"code": 400, "err_code": code}}
}

func failed(code int) string {
	data, _ := json.Marshal(failure(code))
	return string(data)
}
