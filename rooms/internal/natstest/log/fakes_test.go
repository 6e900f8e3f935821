package log_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// Contract 11.2: an error is certain only if nobody will ever see the message.
func TestPublishErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		answers   []string // the last one again and again; "" is none
		uncertain bool
	}{
		{name: "too large", answers: []string{failed(10054)}},
		{name: "no resources", answers: []string{failed(10023)}},
		{name: "another stream", answers: []string{failed(10060)}},
		{name: "sealed", answers: []string{failed(10109)}},
		{name: "the first copy is on its way", answers: []string{failed(10158)}, uncertain: true},
		{name: "not stored by the leader", answers: []string{failed(10077)}, uncertain: true},
		{name: "the leader is not where the log is", answers: []string{failed(10063)},
			uncertain: true},
		{name: "an error that nobody knows", answers: []string{failed(19999)}, uncertain: true},
		{name: "no answer", answers: []string{""}, uncertain: true},
		{name: "no answer, then too large", answers: []string{"", failed(10054)},
			uncertain: true},
		{name: "an answer that is none", answers: []string{"{}"}, uncertain: true},
		{name: "another entry, then too large", answers: []string{failed(10071), failed(10054)}},
		{name: "one on its way, then too large",
			answers: []string{failed(10164), failed(10054)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := &fakeStream{answer: func(n int, _ *nats.Msg) string {
				return test.answers[min(n, len(test.answers))-1]
			}}
			l := startFake(t, f, natsrooms.LogOptions{})
			ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
			defer cancel()
			_, err := l.Append(ctx, "room", "id", []byte("x"))
			if err == nil || errors.Is(err, rooms.ErrUncertain) != test.uncertain {
				t.Errorf("Append = %v, want an error, uncertain %v", err, test.uncertain)
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			if n := f.asked["PUBLISH"]; n > 31 {
				t.Errorf("sent %d times in 1.5s, want a pause of 50ms after each", n)
			}
		})
	}
}

// Contract 11.2: a message that may be in the stream is not sent again once the stream
// may have forgotten its id. It would be there twice.
func TestShortWindow(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{"no answer": "", "a copy": failed(10158)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakeStream{window: time.Second,
				answer: func(int, *nats.Msg) string { return answer }}
			l := startFake(t, f, natsrooms.LogOptions{})
			if _, err := l.Append(t.Context(), "room", "id", nil); !errors.Is(err, rooms.ErrUncertain) {
				t.Errorf("Append = %v, want %v", err, rooms.ErrUncertain)
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			if n := f.asked["PUBLISH"]; n != 1 {
				t.Errorf("sent %d times, want once", n)
			}
		})
	}
}

// Contract 11.5: a server that hangs answers nothing; another one is asked soon. Servers
// without a leader are asked again.
func TestAsksAnother(t *testing.T) {
	t.Parallel()
	f := &fakeStream{
		last:   7,
		ignore: map[string]int{"DIRECT.GET": 2, "STREAM.MSG.GET": 1},
		down:   map[string]int{"STREAM.MSG.GET": 2},
	}
	l := startFake(t, f, natsrooms.LogOptions{Wait: natstest.Patience})
	ctx, cancel := context.WithTimeout(t.Context(), natstest.Patience/2)
	defer cancel()
	if _, err := l.Read(ctx, "room", rooms.Place{Seq: 3, Tag: 3}); err != nil {
		t.Errorf("Read = %v, want no error", err)
	}
	if _, err := l.Follow(ctx, "room", func(rooms.News) {}); err != nil {
		t.Errorf("Follow = %v, want no error", err)
	}
}

// Contract 11.3: a place that no entry has, after all that there are, is unknown at
// once, also with several replicas, of which some may be behind.
func TestPlaceFromElsewhere(t *testing.T) {
	t.Parallel()
	for _, replicas := range []int{1, 3} {
		t.Run(fmt.Sprint(replicas, " replicas"), func(t *testing.T) {
			s := startNATS(t)
			if replicas > 1 {
				s = startCluster(t)[0]
			}
			l := newLog(t, s, natsrooms.LogOptions{Replicas: replicas})
			place := appendTo(t, l, "room", "id", "all")
			for _, after := range []rooms.Place{
				{Seq: place.Seq, Tag: place.Tag + 2}, {Seq: place.Seq + 1, Tag: place.Tag},
				{Seq: 1 << 60, Tag: 1}, {Seq: ^uint64(0), Tag: ^uint64(0)}, {Tag: 1},
			} {
				begun := time.Now()
				page, err := l.Read(t.Context(), "room", after)
				if err != nil || page.Whole || len(said(page.Entries)) != 1 {
					t.Errorf("Read(%v) = %v, %v, want all, not whole", after, page, err)
				}
				if took := time.Since(begun); took > natstest.Patience/4 {
					t.Errorf("Read(%v) took %v, want no wait", after, took)
				}
			}
		})
	}
}

// followWithoutSweep follows a room on a stream that prevents the sweep.
func followWithoutSweep(t *testing.T, f *fakeStream) (looks chan rooms.News) {
	t.Helper()
	l := startFake(t, f, natsrooms.LogOptions{})
	f.mu.Lock()
	f.ignore = map[string]int{"STREAM.INFO": 1 << 30}
	f.mu.Unlock()
	looks = make(chan rooms.News, 10)
	if _, err := l.Follow(t.Context(), "room", func(n rooms.News) { looks <- n }); err != nil {
		t.Fatalf("Follow = %v, want no error", err)
	}
	return looks
}

// Contract 11.5: the servers of a cluster may learn late that messages of a room have
// to come here. So a room looks again, without the sweep, which this stream prevents.
func TestLooksAgain(t *testing.T) {
	t.Parallel()
	f := &fakeStream{last: 7}
	looks := followWithoutSweep(t, f)
	for range 2 {
		select {
		case n := <-looks:
			if n.Seq != 0 || n.Err != nil {
				t.Errorf("received %+v, want to look", n)
			}
		case <-time.After(natstest.Patience):
			t.Fatal("the room was not told to look")
		}
	}
}

// Contract 11.5: an entry that comes while Follow asks for the last one is looked for as
// soon as Follow has returned. No other comes that would show it.
func TestEntryDuringFollow(t *testing.T) {
	t.Parallel()
	f := &fakeStream{last: 7}
	f.early = func() {
		next := nats.NewMsg(strings.Replace(subjectOf("room"), ".log.", ".live.", 1))
		next.Header.Set("Nats-Sequence", "8")
		next.Header.Set("Nats-Time-Stamp", time.Now().Format(time.RFC3339Nano))
		_ = errors.Join(f.nc.PublishMsg(next), f.nc.Flush())
		time.Sleep(50 * time.Millisecond) // so it does come before Follow returns
	}
	looks := followWithoutSweep(t, f)
	select {
	case <-looks:
	case <-time.After(natstest.Patience):
		t.Fatal("the room was not told to look")
	}
}
