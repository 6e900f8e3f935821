package rooms_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/goroutines"
	"github.com/beatrichartz/martini-sockets/rooms/memlog"
)

// fakeLog is a log in memory of which the test decides what a follower is told.
type fakeLog struct {
	rooms.Log
	failing error // of everything
	silent  bool  // followers are not told

	mu      sync.Mutex
	receive func(rooms.News)
	held    []rooms.News
	reads   int
}

func newFakeLog() *fakeLog { return &fakeLog{Log: memlog.New(50, time.Hour)} }

func (l *fakeLog) Follow(
	ctx context.Context, room string, receive func(rooms.News),
) (rooms.Place, error) {
	if l.failing != nil {
		return rooms.Place{}, l.failing
	}
	l.receive = receive
	return l.Log.Follow(ctx, room, func(n rooms.News) {
		l.mu.Lock()
		l.held = append(l.held, n)
		silent := l.silent
		l.mu.Unlock()
		if !silent {
			receive(n)
		}
	})
}

func (l *fakeLog) Read(ctx context.Context, room string, after rooms.Place) (rooms.Page, error) {
	l.mu.Lock()
	l.reads++
	err := l.failing
	l.mu.Unlock()
	if err != nil {
		return rooms.Page{}, err
	}
	return l.Log.Read(ctx, room, after)
}

func (l *fakeLog) readTimes() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reads
}

func (l *fakeLog) set(silent bool, failing error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.silent, l.failing = silent, failing
}

// Contract 11.5: a gap that is seen is read up; what comes late or twice is not sent
// again.
func TestGap(t *testing.T) {
	tests := []struct {
		name string
		tell func(l *fakeLog) // after 1 was told, and 2, 3, 4 were not
		want []string
	}{
		{name: "nothing told", want: []string{"1"}},
		{name: "told to look", tell: func(l *fakeLog) { l.receive(rooms.News{}) },
			want: []string{"1", "2", "3", "4"}},
		{name: "told the last", tell: func(l *fakeLog) { l.receive(l.held[3]) },
			want: []string{"1", "2", "3", "4"}},
		{name: "told one in between", tell: func(l *fakeLog) { l.receive(l.held[2]) },
			want: []string{"1", "2", "3", "4"}},
		{name: "told the next", tell: func(l *fakeLog) { l.receive(l.held[1]) },
			want: []string{"1", "2"}},
		{name: "told the next twice", tell: func(l *fakeLog) {
			l.receive(l.held[1])
			l.receive(l.held[1])
		}, want: []string{"1", "2"}},
		{name: "told an old one", tell: func(l *fakeLog) { l.receive(l.held[0]) },
			want: []string{"1"}},
		{name: "told all, late", tell: func(l *fakeLog) {
			l.receive(rooms.News{})
			for _, n := range l.held[1:] {
				l.receive(n)
			}
		}, want: []string{"1", "2", "3", "4"}},
		{name: "told in another order", tell: func(l *fakeLog) {
			for _, i := range []int{3, 1, 2} {
				l.receive(l.held[i])
			}
		}, want: []string{"1", "2", "3", "4"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newFakeLog()
				r, errs := onLog(l, rooms.Options[string]{})
				ann := join(t, r, "lobby", 10, "ann")
				say(t, r, "lobby", "1")
				l.set(true, nil)
				say(t, r, "lobby", "2", "3", "4")
				l.set(false, nil)
				if test.tell != nil {
					test.tell(l)
				}
				synctest.Wait()
				wantMessages(t, "ann", ann.got(), test.want...)
				say(t, r, "lobby", "5")
				synctest.Wait()
				rest := append([]string{"1", "2", "3", "4"}[len(test.want):], "5")
				wantMessages(t, "ann", ann.got(), rest...)
				if len(errs) > 0 {
					t.Errorf("OnError(%v), want no such call", <-errs)
				}
				ann.Leave()
				synctest.Wait()
			})
		})
	}
}

// Contract 11.5: an outage is told, and what was missed in it is read when it is over,
// without a goroutine that waits.
func TestReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newFakeLog()
		r, errs := onLog(l, rooms.Options[string]{})
		ann := join(t, r, "lobby", 10, "ann")
		l.set(true, errBroken)
		say(t, r, "lobby", "1")
		l.receive(rooms.News{Err: errBroken})
		synctest.Wait()
		if err := <-errs; !errors.Is(err, errBroken) {
			t.Errorf("OnError(%v), want %v", err, errBroken)
		}
		if got := goroutines.Count(); got != 0 {
			t.Errorf("%d goroutines wait for the log, want none", got)
		}
		time.Sleep(10 * time.Second)
		if got := l.readTimes(); got != 4 { // at once, after 1, 2 and 4 s
			t.Errorf("read %d times in 10 s, want 4", got)
		}
		l.set(true, nil)
		wantMessages(t, "ann", ann.got())
		time.Sleep(8 * time.Second)
		wantMessages(t, "ann", ann.got(), "1")
		l.set(true, errBroken)
		say(t, r, "lobby", "2")
		l.receive(rooms.News{})
		synctest.Wait()
		l.set(false, nil)
		say(t, r, "lobby", "3") // which shows that the log is back: no pause is waited for
		synctest.Wait()
		wantMessages(t, "ann", ann.got(), "2", "3")
		l.set(true, errBroken)
		before := l.readTimes()
		l.receive(rooms.News{})
		time.Sleep(1500 * time.Millisecond)
		if got := l.readTimes() - before; got != 2 { // the pause begins anew
			t.Errorf("read %d times in 1.5 s of the next outage, want 2", got)
		}
		time.Sleep(time.Hour)
		before = l.readTimes()
		time.Sleep(time.Minute)
		if got := l.readTimes() - before; got != 2 { // the pause has grown to 30 s
			t.Errorf("read %d times in a minute after an hour, want 2", got)
		}
		ann.Leave() // ends the timer
		time.Sleep(time.Minute)
		synctest.Wait()
	})
}

// A log that cannot be followed is an error of Join, and nothing stays.
func TestCannotFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newFakeLog()
		l.failing = errBroken
		r, errs := onLog(l, rooms.Options[string]{})
		in := make(chan string, 1)
		if _, err := r.Join("lobby", in, nil, nil); !errors.Is(err, errBroken) {
			t.Errorf("Join = %v, want %v", err, errBroken)
		}
		if _, _, err := r.JoinAfter("lobby", "", in, nil, nil); !errors.Is(err, errBroken) {
			t.Errorf("JoinAfter = %v, want %v", err, errBroken)
		}
		synctest.Wait() // OnError is told a moment later
		if got := r.Stats(); got.Rooms != 0 || got.Members != 0 || len(errs) < 2 {
			t.Errorf("Stats = %+v, told %d errors, want nobody, told twice", got, len(errs))
		}
		time.Sleep(time.Hour)
	})
}

// Reading that fails is an error of JoinAfter; the others stay.
func TestCannotRead(t *testing.T) {
	l := newFakeLog()
	r, _ := onLog(l, rooms.Options[string]{})
	ann := join(t, r, "lobby", 10, "ann")
	position := say(t, r, "lobby", "1")
	say(t, r, "lobby", "2")
	l.set(false, errBroken)
	_, _, err := r.JoinAfter("lobby", position, make(chan string), nil, nil)
	if !errors.Is(err, errBroken) {
		t.Errorf("JoinAfter = %v, want %v", err, errBroken)
	}
	if got := r.Len("lobby"); got != 1 {
		t.Errorf("Len = %d, want 1", got)
	}
	wantMessages(t, "ann", ann.got(), "1", "2")
}

// Contract 11.3, 9.3: when the log was made anew, whoever is there is removed: only
// coming back can tell a client that something is missing. Whoever comes then gets what
// is new.
func TestLogMadeAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newFakeLog()
		removals := make(chan error, 10)
		r, errs := onLog(l, rooms.Options[string]{OnRemove: func(_ string, _ any, reason error) {
			removals <- reason
		}})
		ann := join(t, r, "lobby", 10, "ann")
		position := say(t, r, "lobby", "old")
		l.Log = memlog.New(50, time.Hour)
		say(t, r, "lobby", "new")
		l.receive(rooms.News{Err: errBroken})
		synctest.Wait()
		wantMessages(t, "ann", ann.got(), "old")
		if got := <-removals; got != rooms.ErrGap {
			t.Errorf("OnRemove(%v), want %v", got, rooms.ErrGap)
		}
		if code := <-ann.disconnect; code != 1013 {
			t.Errorf("disconnect got %d, want 1013", code)
		}
		<-errs
		if err := <-errs; !errors.Is(err, rooms.ErrGap) {
			t.Errorf("OnError(%v), want %v", err, rooms.ErrGap)
		}
		bob, missed := comeBack(t, r, "lobby", position, 10)
		wantMissed(t, missed, false, "new")
		bob.Start()
		say(t, r, "lobby", "newer")
		synctest.Wait()
		wantMessages(t, "bob", bob.got(), "newer")
		bob.Leave()
	})
}

// turnstile is a log whose Unfollow lets somebody in, and which counts.
type turnstile struct {
	*fakeLog
	meanwhile func()
	unfollows int
}

func (l *turnstile) Unfollow(room string) error {
	l.meanwhile()
	l.unfollows++
	return l.fakeLog.Unfollow(room)
}

// Who joins while the room stops following a log that was made anew is in a room that
// follows the new one; that is enough. Contract 9.11: he gets nothing of before.
func TestJoinWhileMadeAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &turnstile{fakeLog: newFakeLog()}
		r, _ := onLog(l, retaining)
		join(t, r, "lobby", 10, "ann")
		say(t, r, "lobby", "a=1")
		l.Log = memlog.New(50, time.Hour)
		var bob *client[string]
		l.meanwhile = sync.OnceFunc(func() {
			go func() { bob = join(t, r, "lobby", 10, "bob") }()
			for r.Len("lobby") == 0 {
				time.Sleep(time.Millisecond)
			}
		})
		l.receive(rooms.News{Err: errBroken})
		time.Sleep(time.Minute)
		say(t, r, "lobby", "new")
		synctest.Wait()
		wantMessages(t, "bob", bob.got(), "new")
		if l.unfollows != 1 {
			t.Errorf("unfollowed %d times, want once", l.unfollows)
		}
		bob.Leave()
	})
}

// Contract 11.3, 9.3: who joins while a gap is told, when all others have left, follows the
// room anew. So he has missed nothing, and stays.
func TestJoinWhileGapIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &turnstile{fakeLog: newFakeLog()}
		var ann, bob *client[string]
		told := make(chan struct{})
		r := rooms.NewOnLog(l, &rooms.Options[string]{OnError: func(_ string, err error) {
			ann.Leave()
			close(told)
		}})
		l.meanwhile = func() {
			l.meanwhile = func() {}
			go func() { bob = join(t, r, "lobby", 10, "bob") }()
			synctest.Wait() // the room has him, so it is not forgotten
		}
		ann = join(t, r, "lobby", 10, "ann")
		say(t, r, "lobby", "old")
		l.Log = memlog.New(50, time.Hour)
		l.receive(rooms.News{})
		<-told
		synctest.Wait()
		say(t, r, "lobby", "new")
		synctest.Wait()
		if code := bob.code(); code != 0 {
			t.Errorf("bob was removed with %d, want him to stay", code)
		}
		wantMessages(t, "bob", bob.got(), "new")
		bob.Leave()
	})
}

// A client that has seen more, on another machine, than this process has heard of: it
// gets nothing twice.
func TestJoinAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newFakeLog()
		r, _ := onLog(l, rooms.Options[string]{})
		ann := join(t, r, "lobby", 10, "ann")
		l.set(true, nil)
		say(t, r, "lobby", "1")
		position := say(t, r, "lobby", "2")
		say(t, r, "lobby", "3")
		bob, missed := comeBack(t, r, "lobby", position, 10)
		wantMissed(t, missed, true, "3")
		bob.Start()
		l.set(false, nil)
		say(t, r, "lobby", "4")
		synctest.Wait()
		wantMessages(t, "ann", ann.got(), "1", "2", "3", "4")
		wantMessages(t, "bob", bob.got(), "4")
		ann.Leave()
		bob.Leave()
	})
}

// An old entry that comes while the log cannot be read is no reason to forget what is
// missing.
func TestOldNewsWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newFakeLog()
		r, _ := onLog(l, rooms.Options[string]{})
		ann := join(t, r, "lobby", 10, "ann")
		say(t, r, "lobby", "1")
		l.set(true, errBroken)
		say(t, r, "lobby", "2")
		l.receive(rooms.News{})
		synctest.Wait()
		l.set(false, nil)
		l.receive(l.held[0])
		synctest.Wait()
		wantMessages(t, "ann", ann.got(), "1", "2")
		ann.Leave()
	})
}
