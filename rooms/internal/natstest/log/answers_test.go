package log_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// ack is the answer to a publish.
func ack(seq uint64, duplicate bool) string {
	return fmt.Sprintf(`{"stream": "ROOMS", "seq": %d, "duplicate": %v}`, seq, duplicate)
}

// Contract 11.5: an answer that is malformed is an error, and no end of the room. What a
// stranger has put there without headers is one.
func TestLastEntry(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		got  any
		want uint64 // the sequence; 0: an error
	}{
		{name: "no message", got: map[string]any{}},
		{name: "no sequence", got: entryOf("room", 0, time.Now(), "1")},
		{name: "bad headers", got: map[string]any{"message": map[string]any{
			"subject": subjectOf("room"), "seq": 7, "time": time.Now(), "hdrs": []byte("x")}}},
		{name: "no headers", want: 7, got: map[string]any{"message": map[string]any{
			"subject": subjectOf("room"), "seq": 7, "time": time.Now()}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := &fakeStream{got: func() any { return test.got }}
			l := startFake(t, f, natsrooms.LogOptions{})
			place, err := l.Follow(t.Context(), "room", func(rooms.News) {})
			if place.Seq != test.want || (err == nil) != (test.want != 0) {
				t.Errorf("Follow = %v, %v, want the entry %d, or an error", place, err, test.want)
			}
		})
	}
}

// Contract 11.2: an attempt is answered as a duplicate, and its number is now that of an
// entry of another room, in a stream that was made anew. That is no position of this one.
func TestDuplicateOfAnotherRoom(t *testing.T) {
	t.Parallel()
	f := &fakeStream{
		answer: func(int, *nats.Msg) string { return ack(7, true) },
		got:    func() any { return entryOf("another", 7, time.Now(), "1") },
	}
	l := startFake(t, f, natsrooms.LogOptions{})
	place, err := l.Append(t.Context(), "room", "id", []byte("x"))
	if !errors.Is(err, rooms.ErrUncertain) {
		t.Errorf("Append = %v, %v, want %v", place, err, rooms.ErrUncertain)
	}
}

// Contract 11.2: the answer to the first attempt is lost, and the stream no longer knows
// the id of the second one. Its own entry is the last, so Append returns that.
func TestOwnEntryIsLast(t *testing.T) {
	t.Parallel()
	var tag string // the fake's lock protects it
	f := &fakeStream{}
	f.answer = func(n int, m *nats.Msg) string {
		tag = m.Header.Get("Rooms-Tag")
		return []string{"", failed(10071), failed(10054)}[min(n, 3)-1]
	}
	f.got = func() any { return entryOf("room", 7, time.Now(), tag) }
	l := startFake(t, f, natsrooms.LogOptions{Wait: natstest.Patience})
	place, err := l.Append(t.Context(), "room", "id", []byte("x"))
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil || place.Seq != 7 || strconv.FormatUint(place.Tag, 36) != tag {
		t.Errorf("Append = %v, %v, want the entry 7 of %s", place, err, tag)
	}
}

// Contract 11.2: an entry of an earlier attempt came too late for everyone, so another id
// is used. If that is refused, the error is certain. The old entry says nothing about the
// stream's present clock.
func TestRefusedAfterLate(t *testing.T) {
	t.Parallel()
	for _, first := range []string{ack(7, true), failed(10071)} {
		var tag, until string // the fake's lock protects them
		then := time.Now().Add(time.Hour)
		f := &fakeStream{}
		f.answer = func(n int, m *nats.Msg) string {
			tag, until = m.Header.Get("Rooms-Tag"), m.Header.Get("Rooms-Until")
			return []string{first, failed(10054)}[min(n, 2)-1]
		}
		f.got = func() any { return entryOf("room", 7, then, tag, time.Now()) }
		l := startFake(t, f, natsrooms.LogOptions{})
		place, err := l.Append(t.Context(), "room", "id", []byte("x"))
		if err == nil || errors.Is(err, rooms.ErrUncertain) {
			t.Errorf("Append = %v, %v, want an error, certain", place, err)
		}
		f.mu.Lock()
		n, at := f.asked["PUBLISH"], until
		f.mu.Unlock()
		if ns, err := strconv.ParseInt(at, 10, 64); n != 2 || err != nil || ns > then.UnixNano() {
			t.Errorf("after %d attempts the last is good until %s, want 2, and before %v", n, at, then)
		}
	}
}

// Contract 11.2: a republished entry with the tag of an Append is not the one that was
// acknowledged. An earlier attempt may be in the stream, too, and anybody can copy a tag.
func TestEchoOfAnother(t *testing.T) {
	t.Parallel()
	f := &fakeStream{last: 6}
	var tag string
	f.answer = func(_ int, m *nats.Msg) string {
		tag = m.Header.Get("Rooms-Tag")
		live := nats.NewMsg(strings.Replace(m.Subject, ".log.", ".live.", 1))
		live.Header.Set("Rooms-Tag", tag)
		live.Header.Set("Nats-Sequence", "7")
		live.Header.Set("Nats-Time-Stamp", time.Now().Format(time.RFC3339Nano))
		_ = f.nc.PublishMsg(live)
		f.got = func() any { return entryOf("room", 8, time.Now(), tag) }
		return ack(8, false)
	}
	l := startFake(t, f, natsrooms.LogOptions{Wait: natstest.Patience})
	if _, err := l.Follow(t.Context(), "room", func(rooms.News) {}); err != nil {
		t.Fatalf("Follow = %v, want no error", err)
	}
	if place, err := l.Append(t.Context(), "room", "id", []byte("x")); err != nil || place.Seq != 8 {
		t.Errorf("Append = %v, %v, want the entry 8", place, err)
	}
}

// Contract 11.5: an Append that fails because nobody says where the room ends returns that
// as its reason, and not that there was another entry.
func TestNobodyKnowsTheEnd(t *testing.T) {
	t.Parallel()
	f := &fakeStream{
		answer: func(int, *nats.Msg) string { return failed(10071) },
		ignore: map[string]int{"STREAM.MSG.GET": 1 << 30},
	}
	l := startFake(t, f, natsrooms.LogOptions{})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := l.Append(ctx, "room", "id", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Append = %v, want %v", err, context.DeadlineExceeded)
	}
}

// Contract 11.2: another stream that takes the subjects now is not the log. What it is
// given is refused, for certain.
func TestAnotherStream(t *testing.T) {
	t.Parallel()
	s := startNATS(t)
	newLog(t, s, natsrooms.LogOptions{}).Close() // it has made the stream
	l := newLog(t, s, natsrooms.LogOptions{Provided: true})
	js, err := jetstream.New(s.Connect(t))
	if err != nil {
		t.Fatalf("jetstream.New = %v, want no error", err)
	}
	config := jetstream.StreamConfig{Name: "OTHER", Subjects: []string{"rooms.log.*"}}
	err = js.DeleteStream(t.Context(), "ROOMS")
	if _, made := js.CreateStream(t.Context(), config); err != nil || made != nil {
		t.Fatalf("DeleteStream = %v, CreateStream = %v, want no error", err, made)
	}
	place, err := l.Append(t.Context(), "room", "id", []byte("x"))
	if err == nil || errors.Is(err, rooms.ErrUncertain) {
		t.Errorf("Append = %v, %v, want an error, certain", place, err)
	}
}
