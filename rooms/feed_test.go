package rooms_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/memlog"
)

// slowReader is a log that can be made to wait in Read.
type slowReader struct {
	rooms.Log
	reading chan struct{} // gets one when Read has begun
	goOn    chan struct{}
}

func (l *slowReader) Read(ctx context.Context, room string, after rooms.Place) (rooms.Page, error) {
	l.reading <- struct{}{}
	<-l.goOn
	return l.Log.Read(ctx, room, after)
}

// Contract 9.4, 11.3: what an old feed was about to send when the last member left is not
// sent to the next, who joins before the room is forgotten: it was before that one's time.
func TestFeedOfAnotherTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		l := &turnstile{fakeLog: newFakeLog()}
		r, _ := onLog(l, rooms.Options[string]{
			Encode: func(s string) ([]byte, error) { return []byte(s), nil },
			Decode: func(b []byte) (string, error) {
				if string(b) == "slow" {
					<-hold
				}
				return string(b), nil
			},
		})
		var bob *client[string]
		l.meanwhile = func() {
			l.meanwhile = func() {}
			go func() { bob = join(t, r, "lobby", 10, "bob") }()
			synctest.Wait()
		}
		ann := join(t, r, "lobby", 10, "ann")
		go say(t, r, "lobby", "slow")
		synctest.Wait()
		ann.Leave()
		close(hold)
		synctest.Wait()
		say(t, r, "lobby", "live")
		wantMessages(t, "ann", ann.got())
		wantMessages(t, "bob", bob.got(), "live")
		bob.Leave()
	})
}

// Contract 11.5: an entry that was read, and is told while it is given, is given once.
func TestToldWhileItIsGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		l := newFakeLog()
		r, _ := onLog(l, rooms.Options[string]{
			Encode: func(s string) ([]byte, error) { return []byte(s), nil },
			Decode: func(b []byte) (string, error) { <-hold; return string(b), nil },
		})
		ann := join(t, r, "lobby", 10, "ann")
		l.set(true, nil)
		say(t, r, "lobby", "1")
		l.receive(rooms.News{})
		synctest.Wait()
		go l.receive(l.held[0])
		synctest.Wait()
		close(hold)
		synctest.Wait()
		wantMessages(t, "ann", ann.got(), "1")
		ann.Leave()
	})
}

// A feed that has ended decodes nothing and reads nothing any more, whatever its log
// tells it.
func TestEndedFeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		decoded := 0
		l := newFakeLog()
		r, _ := onLog(l, rooms.Options[string]{
			Encode: func(s string) ([]byte, error) { return []byte(s), nil },
			Decode: func(b []byte) (string, error) { decoded++; return string(b), nil },
		})
		ann := join(t, r, "lobby", 10, "ann")
		l.set(true, nil)
		say(t, r, "lobby", "1", "2")
		ann.Leave()
		l.receive(l.held[0])
		l.receive(l.held[1])
		l.receive(rooms.News{})
		synctest.Wait()
		if reads := l.readTimes(); decoded != 0 || reads != 0 {
			t.Errorf("decoded %d, read %d times, want nothing after the last has left", decoded, reads)
		}
	})
}

// A feed that waits to read again stops with its room.
func TestEndedFeedDoesNotRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newFakeLog()
		r, _ := onLog(l, rooms.Options[string]{})
		ann := join(t, r, "lobby", 10, "ann")
		l.set(true, errBroken)
		l.receive(rooms.News{})
		synctest.Wait()
		ann.Leave()
		before := l.readTimes()
		time.Sleep(time.Hour)
		synctest.Wait()
		if got := l.readTimes(); got != before {
			t.Errorf("read %d times after the last has left, want none", got-before)
		}
	})
}

// Contract 9.3, 11.3: a member that was removed while what it missed was read has not
// joined: it would believe that it has, and get nothing.
func TestRemovedWhileItCatchesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &slowReader{memlog.New(50, time.Hour), make(chan struct{}), make(chan struct{})}
		r, errs := onLog(l, rooms.Options[string]{Backlog: 1})
		position := say(t, r, "lobby", "seen")
		say(t, r, "lobby", "missed")
		joined := make(chan error)
		go func() {
			_, _, err := r.JoinAfter("lobby", position, make(chan string), make(chan int, 1), nil)
			joined <- err
		}()
		<-l.reading
		say(t, r, "lobby", "waits", "is too much")
		close(l.goOn)
		if err := <-joined; err == nil || !strings.Contains(err.Error(), "removed meanwhile") {
			t.Errorf("JoinAfter = %v, want that the member was removed meanwhile", err)
		}
		if got := r.Len("lobby"); got != 0 || len(errs) != 1 {
			t.Errorf("Len = %d, told %d errors, want nobody, told once", got, len(errs))
		}
	})
}

// What a log tells while the feed reads is bounded: more is read as well.
func TestFeedHoldsLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newFakeLog()
		l.Log = memlog.New(10_000, time.Hour)
		slow := &slowReader{l, make(chan struct{}, 100), make(chan struct{})}
		r, _ := onLog(slow, rooms.Options[string]{MaxMessageSize: -1, BacklogBytes: -1})
		ann := join(t, r, "lobby", 10_000, "ann")
		l.set(true, nil)
		say(t, r, "lobby", "missed")
		l.set(false, nil)
		l.receive(rooms.News{})
		<-slow.reading
		large := strings.Repeat("x", 64<<10)
		for range 1000 {
			say(t, r, "lobby", large)
		}
		if got := rooms.FeedLater(r.Rooms, "lobby"); got > 16<<20 {
			t.Errorf("the feed holds %d bytes, want 16 MiB at most", got)
		}
		close(slow.goOn)
		synctest.Wait()
		if got := len(ann.got()); got != 1001 {
			t.Errorf("ann got %d messages, want 1001", got)
		}
		if got := rooms.FeedLater(r.Rooms, "lobby"); got != 0 {
			t.Errorf("the feed holds %d bytes after that, want none", got)
		}
		ann.Leave()
	})
}

// Contract 11.5: who has missed nothing stays, however little the log keeps, and however
// many entries come while the feed reads.
func TestManyWhileTheFeedReads(t *testing.T) {
	for _, missed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			l := newFakeLog()
			l.Log = memlog.New(3, time.Hour)
			slow := &answerLater{l, make(chan struct{}, 100), make(chan struct{})}
			r, errs := onLog(slow, rooms.Options[string]{})
			ann := join(t, r, "lobby", 10_000, "ann")
			say(t, r, "lobby", "seen")
			want := 2001
			if missed {
				want++
				l.set(true, nil)
				say(t, r, "lobby", "missed")
				l.set(false, nil)
			}
			l.receive(rooms.News{})
			<-slow.read
			for range 2000 {
				say(t, r, "lobby", "x")
			}
			if got := len(ann.in); !missed && got != want {
				t.Errorf("ann got %d messages during the read, want %d", got, want)
			}
			close(slow.goOn)
			synctest.Wait()
			if got := len(ann.got()); got != want || len(errs) > 0 {
				t.Errorf("ann got %d messages, told %d errors, want %d and none", got, len(errs), want)
			}
			ann.Leave()
		})
	}
}

// giving makes rooms on a log, and a member. A goroutine that has read gives, and is in
// Decode, which calls decoding.
func giving(t *testing.T, l *fakeLog, decoding func(r *rooms.LogRooms[string])) (
	r *rooms.LogRooms[string], errs chan error, ann *client[string],
) {
	t.Helper()
	r, errs = onLog(l, rooms.Options[string]{
		MaxMessageSize: -1, BacklogBytes: -1,
		Encode: func(s string) ([]byte, error) { return []byte(s), nil },
		Decode: func(b []byte) (string, error) {
			if string(b) == "missed" {
				decoding(r)
			}
			return string(b), nil
		},
	})
	ann = join(t, r, "lobby", 10_000, "ann")
	l.set(true, nil)
	say(t, r, "lobby", "missed")
	l.set(false, nil)
	l.receive(rooms.News{})
	synctest.Wait()
	return r, errs, ann
}

// Contract 11.4, 11.5: nor if more comes than the feed holds, while a goroutine that has
// read gives: then the log waits.
func TestManyWhileTheFeedGives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newFakeLog()
		l.Log = memlog.New(3, time.Hour)
		goOn := make(chan struct{})
		r, errs, ann := giving(t, l, func(*rooms.LogRooms[string]) { <-goOn })
		large := strings.Repeat("x", 64<<10)
		for range 1000 {
			go r.Say(t.Context(), "lobby", "", large)
		}
		synctest.Wait()
		if got := rooms.FeedLater(r.Rooms, "lobby"); got > 16<<20 {
			t.Errorf("the feed holds %d bytes, want 16 MiB at most", got)
		}
		l.receive(rooms.News{}) // which does not wait
		close(goOn)
		synctest.Wait()
		if got := len(ann.got()); got != 1001 || len(errs) > 0 {
			t.Errorf("ann got %d messages, told %d errors, want 1001 and none", got, len(errs))
		}
		ann.Leave()
	})
}

// Contract 11.4: nor does it wait for ever: the one that gives may be in code of the
// program that says something.
func TestSayWhileTheFeedIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newFakeLog()
		large := strings.Repeat("x", 64<<10)
		goOn, said := make(chan struct{}), make(chan error, 1)
		r, _, ann := giving(t, l, func(r *rooms.LogRooms[string]) {
			<-goOn
			_, err := r.Say(t.Context(), "lobby", "", large)
			said <- err
		})
		for range 16<<20/len(large) - 1 { // no other has space
			say(t, r, "lobby", large)
		}
		begun := time.Now()
		close(goOn)
		if err := <-said; err != nil || time.Since(begun) > 6*time.Second {
			t.Errorf("Say in Decode = %v after %v, want no error, soon", err, time.Since(begun))
		}
		time.Sleep(time.Minute)
		ann.Leave()
	})
}

// answerLater is a log whose Read has read, and keeps the answer for a while.
type answerLater struct {
	*fakeLog
	read, goOn chan struct{}
}

func (l *answerLater) Read(
	ctx context.Context, room string, after rooms.Place,
) (rooms.Page, error) {
	page, err := l.fakeLog.Read(ctx, room, after)
	l.read <- struct{}{}
	<-l.goOn
	return page, err
}

// Contract 11.5: an entry that was received and is not in a page may be in the next one,
// and is not forgotten: the log may have dropped it by then.
func TestReceivedBeyondThePage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newFakeLog()
		l.Log = memlog.New(2, time.Hour)
		slow := &answerLater{l, make(chan struct{}, 100), make(chan struct{})}
		r, errs := onLog(pagedLog{slow, 1}, rooms.Options[string]{})
		ann := join(t, r, "lobby", 10, "ann")
		l.set(true, nil)
		say(t, r, "lobby", "missed")
		l.set(false, nil)
		say(t, r, "lobby", "received")
		<-slow.read // both
		say(t, r, "lobby", "3", "4")
		close(slow.goOn)
		synctest.Wait()
		wantMessages(t, "ann", ann.got(), "missed", "received", "3", "4")
		if len(errs) > 0 {
			t.Errorf("OnError(%v), want no such call", <-errs)
		}
		ann.Leave()
	})
}

// Contract 9.3, 11.3: a room whose log was lost and is empty follows it anew. Whoever
// joins as soon as the members are removed has missed nothing, and stays. Many members
// make that moment long; a bubble would skip it.
func TestLogLostAndEmpty(t *testing.T) {
	l := newFakeLog()
	r, errs := onLog(l, rooms.Options[string]{})
	for range 5000 {
		if _, err := r.Join("lobby", make(chan string, 1), nil, nil); err != nil {
			t.Fatalf("Join = %v, want no error", err)
		}
	}
	say(t, r, "lobby", "old")
	l.Log = memlog.New(50, time.Hour)
	l.receive(rooms.News{})
	if err := <-errs; !errors.Is(err, rooms.ErrGap) {
		t.Fatalf("OnError(%v), want %v", err, rooms.ErrGap)
	}
	for r.Len("lobby") > 0 {
		runtime.Gosched()
	}
	bob, _ := comeBack(t, r, "lobby", "", 10)
	before := l.readTimes()
	l.receive(rooms.News{})
	for l.readTimes() == before {
		runtime.Gosched()
	}
	say(t, r, "lobby", "new")
	bob.Start()
	select {
	case <-bob.in:
	case code := <-bob.disconnect:
		t.Errorf("bob was removed with %d: %v", code, <-errs)
	}
	bob.Leave()
}

// slowLog appends nothing until the context ends.
type slowLog struct{ rooms.Log }

func (slowLog) Append(ctx context.Context, _, _ string, _ []byte) (rooms.Place, error) {
	<-ctx.Done()
	return rooms.Place{}, ctx.Err()
}

// Contract 11.2: without a deadline a message is waited for five seconds.
func TestSayWithoutDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := onLog(slowLog{memlog.New(1, time.Hour)}, rooms.Options[string]{})
		begin := time.Now()
		_, err := r.Say(context.Background(), "lobby", "", "x")
		if waited := time.Since(begin); err == nil || waited != 5*time.Second {
			t.Errorf("Say = %v after %v, want an error after 5s", err, waited)
		}
	})
}

// Contract 11.6: a panic in Stamp makes the message an undecodable one.
func TestStampPanics(t *testing.T) {
	log, o := memlog.New(50, time.Minute), rooms.Options[string]{}
	o.Stamp = func(msg, _ string) string {
		if msg == "panic" {
			panic("stamp")
		}
		return msg
	}
	r, errs := onLog(log, o)
	ann := join(t, r, "lobby", 10, "ann")
	log.Append(t.Context(), "lobby", "", []byte("\x02another process.\x00panic"))
	say(t, r, "lobby", "after")
	wantMessages(t, "ann", ann.got(), "after")
	if err := <-errs; !errors.Is(err, rooms.ErrUndecodable) {
		t.Errorf("OnError(%v), want %v", err, rooms.ErrUndecodable)
	}
}

// Contract 11.3: a room is at an entry that nobody can decode, as at any other.
func TestPlaceOfUndecodable(t *testing.T) {
	log := memlog.New(50, time.Minute)
	r, _ := onLog(log, rooms.Options[string]{})
	ann := join(t, r, "lobby", 10, "ann")
	place, _ := log.Append(t.Context(), "lobby", "", []byte("hostile"))
	bob, missed := comeBack(t, r, "lobby", "", 10)
	if missed.Position != place.String() {
		t.Errorf("Position = %s, want %v", missed.Position, place)
	}
	ann.Leave()
	bob.Leave()
}

// crowdedLog has something said in each room just when it is followed.
type crowdedLog struct{ rooms.Log }

func (l crowdedLog) Follow(
	ctx context.Context, room string, receive func(rooms.News),
) (rooms.Place, error) {
	place, err := l.Log.Follow(ctx, room, receive)
	l.Log.Append(ctx, room, "", []byte("hostile"))
	return place, err
}

// Contract 11.6: an entry ends nothing, and the hook may use the rooms, also when it is
// told of one that was said while the room was being followed.
func TestHookDuringFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r *rooms.LogRooms[string]
		told := make(chan error, 10)
		r = rooms.NewOnLog(crowdedLog{memlog.New(5, time.Minute)}, &rooms.Options[string]{
			OnError: func(room string, err error) {
				if errors.Is(err, rooms.ErrUndecodable) {
					m, err := r.Join(room, make(chan string, 1), nil, nil)
					if err == nil {
						m.Leave()
					}
					told <- err
				}
			},
		})
		ann := join(t, r, "lobby", 1, "ann")
		if err := <-told; err != nil {
			t.Errorf("Join from OnError = %v, want no error", err)
		}
		ann.Leave()
	})
}
