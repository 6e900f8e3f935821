package rooms_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/memlog"
)

// onLog returns rooms on a log in memory, and what OnError and OnRemove were told.
func onLog(log rooms.Log, o rooms.Options[string]) (*rooms.LogRooms[string], chan error) {
	if log == nil {
		log = memlog.New(50, time.Minute)
	}
	withHook, errs := withErrors(o)
	return rooms.NewOnLog(log, withHook), errs
}

func say(t *testing.T, r *rooms.LogRooms[string], room string, messages ...string) (position string) {
	t.Helper()
	for _, msg := range messages {
		var err error
		if position, err = r.Say(t.Context(), room, "", msg); err != nil {
			t.Errorf("Say(%q) = %v, want no error", msg, err)
		}
	}
	return position
}

// returned is a client that has joined after a position.
type returned struct {
	*client[string]
	log *rooms.LogMember[string]
}

func (r *returned) Start() { r.log.Start() }

// comeBack joins after a position, as a client that has not started yet.
func comeBack(t *testing.T, r *rooms.LogRooms[string], room, position string, capacity int) (
	*returned, rooms.Missed[string],
) {
	t.Helper()
	c := &client[string]{in: make(chan string, capacity), disconnect: make(chan int, 1)}
	m, missed, err := r.JoinAfter(room, position, c.in, c.disconnect, position)
	if err != nil {
		t.Fatalf("JoinAfter(%q, %q) = %v, want no error", room, position, err)
	}
	c.Member = m.Member
	return &returned{c, m}, missed
}

func wantMissed(t *testing.T, missed rooms.Missed[string], complete bool, want ...string) {
	t.Helper()
	var got []string
	for _, said := range missed.Messages {
		got = append(got, said.Value)
	}
	if !slices.Equal(got, want) || missed.Complete != complete {
		t.Errorf("missed %q, complete %v, want %q, complete %v", got, missed.Complete, want, complete)
	}
}

// Contract 11.1, 11.2: members have it when Say returns, in the order of the log.
func TestSay(t *testing.T) {
	r, errs := onLog(nil, rooms.Options[string]{})
	ann, bob := join(t, r, "lobby", 10, "ann"), join(t, r, "lobby", 10, "bob")
	say(t, r, "lobby", "a")
	if err := r.Broadcast("lobby", "b"); err != nil {
		t.Errorf("Broadcast = %v, want no error", err)
	}
	if err := ann.Broadcast("c"); err != nil {
		t.Errorf("Member.Broadcast = %v, want no error", err)
	}
	eve, _ := comeBack(t, r, "lobby", "", 10)
	first, err := eve.log.Say(t.Context(), "id", "d")
	if err != nil || first == "" {
		t.Errorf("LogMember.Say = %q, %v, want a position", first, err)
	}
	if again, err := r.Say(t.Context(), "lobby", "id", "again"); err != nil || again != first {
		t.Errorf("Say again = %q, %v, want %q", again, err, first)
	}
	if other, err := r.Say(t.Context(), "other", "id", "x"); err != nil || other == first {
		t.Errorf("Say in another room = %q, %v, want another position", other, err)
	}
	for who, c := range map[string]*client[string]{"ann": ann, "bob": bob} {
		wantMessages(t, who, c.got(), "a", "b", "c", "d")
	}
	if len(errs) > 0 {
		t.Errorf("OnError(%v), want no such call", <-errs)
	}
}

// BroadcastOthers leaves the member out, as without a log; but it is in the log, also for
// the client of that member when it comes back.
func TestBroadcastOthersOnLog(t *testing.T) {
	r, _ := onLog(nil, rooms.Options[string]{})
	ann, bob := join(t, r, "lobby", 10, "ann"), join(t, r, "lobby", 10, "bob")
	start := say(t, r, "lobby", "first")
	if err := ann.BroadcastOthers("others"); err != nil {
		t.Errorf("BroadcastOthers = %v, want no error", err)
	}
	wantMessages(t, "ann", ann.got(), "first")
	wantMessages(t, "bob", bob.got(), "first", "others")
	ann.Leave()
	_, missed := comeBack(t, r, "lobby", start, 0)
	wantMissed(t, missed, true, "others")
}

// Contract 11.3: what was missed, oldest first, then what is live; nothing between,
// nothing twice.
func TestJoinAfter(t *testing.T) {
	r, _ := onLog(nil, rooms.Options[string]{})
	bob := join(t, r, "lobby", 100, "bob")
	position := say(t, r, "lobby", "seen")
	say(t, r, "lobby", "missed 1", "missed 2")
	ann, missed := comeBack(t, r, "lobby", position, 10)
	wantMissed(t, missed, true, "missed 1", "missed 2")
	say(t, r, "lobby", "meanwhile")
	wantMessages(t, "ann before Start", ann.got())
	ann.Start()
	say(t, r, "lobby", "live")
	var got []string
	for range 2 {
		got = append(got, <-ann.in)
	}
	wantMessages(t, "ann", got, "meanwhile", "live")
	last := missed.Messages[1].Position
	_, missed = comeBack(t, r, "lobby", last, 0)
	wantMissed(t, missed, true, "meanwhile", "live")
	_, missed = comeBack(t, r, "lobby", missed.Position, 0)
	wantMissed(t, missed, true)
	wantMessages(t, "bob", bob.got(), "seen", "missed 1", "missed 2", "meanwhile", "live")
}

// Contract 11.3: never complete by mistake.
func TestPositions(t *testing.T) {
	r, _ := onLog(memlog.New(5, time.Minute), rooms.Options[string]{})
	r2, _ := onLog(nil, rooms.Options[string]{})
	old := say(t, r, "lobby", "gone")
	say(t, r, "lobby", "1", "2")
	middle := say(t, r, "lobby", "3")
	last := say(t, r, "lobby", "4", "5")
	all := []string{"1", "2", "3", "4", "5"}
	tests := []struct {
		name, position string
		complete       bool
		want           []string
	}{
		{name: "none", want: all},
		{name: "the first is gone", position: old, complete: true, want: all},
		{name: "in the middle", position: middle, complete: true, want: all[3:]},
		{name: "the last", position: last, complete: true},
		{name: "malformed", position: "x", want: all},
		{name: "upper case", position: "A-B", want: all},
		{name: "after the end", position: "zzz" + last[1:], want: all},
		{name: "another log", position: say(t, r2, "lobby", "1", "2", "3"), want: all},
		{name: "another room", position: say(t, r, "other", "1", "2", "3"), want: all},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ann, missed := comeBack(t, r, "lobby", test.position, 0)
			defer ann.Leave()
			wantMissed(t, missed, test.complete, test.want...)
		})
	}
	say(t, r, "lobby", "6")
	_, missed := comeBack(t, r, "lobby", old, 0)
	wantMissed(t, missed, false, "2", "3", "4", "5", "6")
}

// Contract 11.3: catching up is bounded by the backlog's limits.
func TestCatchUpIsBounded(t *testing.T) {
	tests := []struct {
		name    string
		options rooms.Options[string]
		want    []string
	}{
		{name: "messages", options: rooms.Options[string]{Backlog: 2}, want: []string{"bb", "cc"}},
		{name: "bytes", options: rooms.Options[string]{BacklogBytes: 25}, want: []string{"cc"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, _ := onLog(nil, test.options)
			position := say(t, r, "lobby", "seen")
			say(t, r, "lobby", "aa", "bb", "cc")
			_, missed := comeBack(t, r, "lobby", position, 0)
			wantMissed(t, missed, false, test.want...)
		})
	}
}

// Contract 9.3, for a member that does not start: its backlog has its bound.
func TestHeldMemberIsBounded(t *testing.T) {
	removals := make(chan error, 1)
	r, _ := onLog(nil, rooms.Options[string]{Backlog: 2, OnRemove: func(_ string, _ any, reason error) {
		removals <- reason
	}})
	ann, _ := comeBack(t, r, "lobby", "", 10)
	say(t, r, "lobby", "1", "2", "3")
	if got := <-removals; !errors.Is(got, rooms.ErrBacklog) ||
		!errors.Is(got, rooms.ErrNotStarted) {
		t.Errorf("OnRemove(%v), want %v and %v", got, rooms.ErrBacklog, rooms.ErrNotStarted)
	}
	ann.Start()
	wantMessages(t, "ann", ann.got())
	if code := <-ann.disconnect; code != 1013 {
		t.Errorf("disconnect got %d, want 1013", code)
	}
}

// Contract 11.6: an entry that cannot be decoded is skipped, counted and told.
func TestUndecodableEntries(t *testing.T) {
	log := memlog.New(50, time.Minute)
	decode := func(b []byte) (string, error) {
		if string(b) == "panic" {
			panic("decode")
		}
		return string(b), nil
	}
	encode := func(s string) ([]byte, error) { return []byte(s), nil }
	r, errs := onLog(log, rooms.Options[string]{Encode: encode, Decode: decode})
	ann := join(t, r, "lobby", 10, "ann")
	position := say(t, r, "lobby", "1")
	bad := []string{"", "x", "\x01old", "\x02", "\x02short", "\x020123456789abcdef\xff\xff"}
	for i, data := range bad {
		if _, err := log.Append(t.Context(), "lobby", fmt.Sprint("bad", i), []byte(data)); err != nil {
			t.Fatalf("Append = %v, want no error", err)
		}
	}
	say(t, r, "lobby", "panic", "2")
	wantMessages(t, "ann", ann.got(), "1", "2")
	if got := r.Stats().Undecodable; got != 7 || len(errs) != 7 {
		t.Errorf("Undecodable = %d, told %d, want 7", got, len(errs))
	}
	_, missed := comeBack(t, r, "lobby", position, 0)
	wantMissed(t, missed, false, "2")
	if got := r.Stats().Undecodable; got != 14 {
		t.Errorf("Undecodable = %d, want 14", got)
	}
}

// The position reaches the client with the message, live and missed.
func TestStamp(t *testing.T) {
	type envelope struct{ Text, At string }
	r := rooms.NewOnLog(memlog.New(50, time.Minute), &rooms.Options[*envelope]{
		Stamp: func(e *envelope, at string) *envelope { e.At = at; return e },
	})
	ann := join(t, r, "lobby", 10, "ann")
	message := &envelope{Text: "hello"}
	at, err := r.Say(t.Context(), "lobby", "", message)
	got := <-ann.in
	if err != nil || got.Text != "hello" || got.At != at || message.At != "" {
		t.Errorf("ann got %+v of %+v, want hello at %q, on a copy", got, message, at)
	}
	_, missed, err := r.JoinAfter("lobby", "", make(chan *envelope), nil, nil)
	if err != nil || *missed.Messages[0].Value != *got || missed.Messages[0].Position != at {
		t.Errorf("missed %+v, %v, want %+v", missed, err, got)
	}
}

// A context that has ended appends nothing.
func TestSayEnded(t *testing.T) {
	r, errs := onLog(nil, rooms.Options[string]{})
	ann := join(t, r, "lobby", 1, "ann")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if at, err := r.Say(ctx, "lobby", "", "x"); err == nil || len(errs) != 1 {
		t.Errorf("Say = %q, %v, told %d, want an error, told once", at, err, len(errs))
	}
	wantMessages(t, "ann", ann.got())
}

// Contract 9.2: a member of other rooms is not in the room, so leaving it out changes
// nothing.
func TestExceptStranger(t *testing.T) {
	r, _ := onLog(nil, rooms.Options[string]{})
	others, _ := onLog(nil, rooms.Options[string]{})
	ann := join(t, r, "lobby", 1, "ann")
	stranger := join(t, others, "lobby", 1, "stranger")
	if err := r.BroadcastExcept("lobby", "hello", stranger.Member); err != nil {
		t.Errorf("BroadcastExcept = %v, want no error", err)
	}
	wantMessages(t, "ann", ann.got(), "hello")
}

// What a log makes pointless or impossible is a mistake.
func TestLogMistakes(t *testing.T) {
	log := memlog.New(1, time.Second)
	stamp := func(text, _ string) string { return text }
	for name, mistake := range map[string]func(){
		"a broker and a log": func() {
			rooms.NewOnLog(log, &rooms.Options[string]{Broker: newFakeBroker(t)})
		},
		"no log":              func() { rooms.NewOnLog[string](nil, nil) },
		"a stamp without log": func() { rooms.New(&rooms.Options[string]{Stamp: stamp}) },
	} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.HasPrefix(text, "rooms: ") {
					t.Errorf("%s: panic %q, want one that begins with rooms:", name, text)
				}
			}()
			mistake()
		}()
	}
}

// Contract 11.4: kept for its age, also when the last member has left; then all is gone.
func TestMemoryAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := onLog(memlog.New(50, time.Minute), rooms.Options[string]{})
		ann := join(t, r, "lobby", 10, "ann")
		position := say(t, r, "lobby", "1")
		time.Sleep(30 * time.Second)
		say(t, r, "lobby", "2")
		time.Sleep(31 * time.Second)
		ann.Leave()
		bob, missed := comeBack(t, r, "lobby", "", 0)
		wantMissed(t, missed, false, "2") // the first is too old
		bob.Leave()
		bob, missed = comeBack(t, r, "lobby", position, 0)
		wantMissed(t, missed, true, "2")
		bob.Leave()
		time.Sleep(59 * time.Second)
		bob, missed = comeBack(t, r, "lobby", missed.Position, 0)
		wantMissed(t, missed, true)
		bob.Leave()
		time.Sleep(61 * time.Second)
		_, missed = comeBack(t, r, "lobby", missed.Position, 0)
		wantMissed(t, missed, false)
	})
}
