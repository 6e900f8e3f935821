package rooms_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/memlog"
)

// Contract 9.6: Start with nothing to send leaves no goroutine, and what is said then is
// there at once. Called again, it does nothing.
func TestStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := onLog(nil, rooms.Options[string]{})
		ann, _ := comeBack(t, r, "lobby", "", 1)
		ann.Start()
		if got := r.Stats().Behind; got != 0 {
			t.Errorf("after Start with nothing to send: Behind = %d, want 0", got)
		}
		say(t, r, "lobby", "direct")
		wantMessages(t, "ann", ann.got(), "direct")
		bob, _ := comeBack(t, r, "lobby", "", 0)
		say(t, r, "lobby", "a", "b", "c")
		bob.Start()
		bob.Start()
		if got := r.Stats().Behind; got != 2 { // ann is
			t.Errorf("after two calls of Start: Behind = %d, want 2", got)
		}
		for _, want := range []string{"a", "b", "c"} {
			if got := <-bob.in; got != want {
				t.Errorf("bob got %q, want %q", got, want)
			}
		}
		ann.Leave()
		bob.Leave()
	})
}

// Contract 11.3: a client that has seen the last entry, of which this process has not
// heard yet, joins as soon as it has. What it would have got before does not count for
// its bounds.
func TestJoinAheadAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newFakeLog()
		r, _ := onLog(l, rooms.Options[string]{BacklogBytes: 2})
		ann := join(t, r, "lobby", 10, "ann")
		l.set(true, nil)
		position := say(t, r, "lobby", "1", "2")
		bob, missed := comeBack(t, r, "lobby", position, 10)
		wantMissed(t, missed, true)
		if missed.Position != position {
			t.Errorf("Position = %q, want that of the client, %q", missed.Position, position)
		}
		l.set(false, nil)
		say(t, r, "lobby", "3", "4")
		bob.Start()
		synctest.Wait()
		wantMessages(t, "bob", bob.got(), "3", "4")
		ann.Leave()
		bob.Leave()
	})
}

// stuckLog is a log that a client has read further than it tells its follower.
type stuckLog struct{ *fakeLog }

func (l stuckLog) Read(ctx context.Context, room string, after rooms.Place) (rooms.Page, error) {
	page, err := l.Log.Read(ctx, room, after)
	if after.Seq == 0 {
		page.Entries, page.More = nil, false
	}
	return page, err
}

// JoinAfter waits five seconds for what the client has seen, and no longer.
func TestJoinAheadForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := stuckLog{newFakeLog()}
		r, _ := onLog(l, rooms.Options[string]{})
		ann := join(t, r, "lobby", 10, "ann")
		l.set(true, nil)
		position := say(t, r, "lobby", "1")
		begin := time.Now()
		_, _, err := r.JoinAfter("lobby", position, make(chan string), nil, nil)
		if waited := time.Since(begin); !errors.Is(err, context.DeadlineExceeded) ||
			waited != 5*time.Second {
			t.Errorf("JoinAfter = %v after %v, want a deadline after 5s", err, waited)
		}
		if got := r.Len("lobby"); got != 1 {
			t.Errorf("Len = %d, want 1", got)
		}
		ann.Leave()
	})
}

// Contract 9.3, 11.3: a member that was removed while it waits for what its client has
// seen is told so, and waits no longer: the room, which is empty now, never comes there.
func TestRemovedWhileItIsAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, next := newFakeLog(), make(chan struct{})
		r, _ := onLog(l, rooms.Options[string]{
			Backlog: 1,
			Encode:  func(s string) ([]byte, error) { return []byte(s), nil },
			Decode:  func(b []byte) (string, error) { <-next; return string(b), nil },
		})
		ann := join(t, r, "lobby", 0, "ann")
		l.set(true, nil)
		position := say(t, r, "lobby", "1", "2", "3")
		begin, joined := time.Now(), make(chan error)
		go func() {
			_, _, err := r.JoinAfter("lobby", position, make(chan string), make(chan int, 1), nil)
			joined <- err
		}()
		time.Sleep(time.Second)
		ann.Leave()
		next <- struct{}{} // waits
		next <- struct{}{} // is too much
		err := <-joined
		if err == nil || !strings.Contains(err.Error(), "removed meanwhile") {
			t.Errorf("JoinAfter = %v, want that the member was removed meanwhile", err)
		}
		if waited := time.Since(begin); waited > 2*time.Second {
			t.Errorf("JoinAfter took %v, want it to end with the removal, after 1s", waited)
		}
		close(next)
	})
}

// Contract 9.3, 9.8: a member may be removed while what it missed is decoded. OnRemove
// has told that, and JoinAfter returns.
func TestRemovedWhileItDecodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		decoding, goOn := make(chan struct{}), make(chan struct{})
		o, removals := watched(rooms.Options[string]{Backlog: 1,
			Encode: func(s string) ([]byte, error) { return []byte(s), nil },
			Decode: func(b []byte) (string, error) {
				if string(b) == "missed" {
					close(decoding)
					<-goOn
				}
				return string(b), nil
			}})
		r, _ := onLog(nil, *o)
		say(t, r, "lobby", "missed")
		go func() {
			<-decoding
			say(t, r, "lobby", "1", "2")
			synctest.Wait()
			close(goOn)
		}()
		bob, _ := comeBack(t, r, "lobby", "", 0)
		if got := <-removals; !errors.Is(got.reason, rooms.ErrBacklog) {
			t.Errorf("OnRemove(%v), want %v", got, rooms.ErrBacklog)
		}
		bob.Start()
		if got := r.Len("lobby"); got != 0 {
			t.Errorf("Len = %d, want 0", got)
		}
		bob.Leave()
	})
}

// Contract 11.3: a client that is where the room is costs no read.
func TestNothingMissedReadsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newFakeLog()
		r, _ := onLog(l, rooms.Options[string]{})
		ann := join(t, r, "lobby", 10, "ann")
		position := say(t, r, "lobby", "seen")
		bob, missed := comeBack(t, r, "lobby", position, 10)
		synctest.Wait()
		wantMissed(t, missed, true)
		if got := l.readTimes(); got != 0 {
			t.Errorf("read %d times, want none", got)
		}
		ann.Leave()
		bob.Leave()
	})
}

// zeroLog has the zero Place at the end of a room without entries.
type zeroLog struct{ rooms.Log }

func (l zeroLog) Follow(
	ctx context.Context, room string, receive func(rooms.News),
) (rooms.Place, error) {
	_, err := l.Log.Follow(ctx, room, receive)
	return rooms.Place{}, err
}

// Contract 11.3: who has seen nothing is never told that this is all, also where the log
// begins at the zero place.
func TestNothingSeenOfNothing(t *testing.T) {
	r, _ := onLog(zeroLog{memlog.New(50, time.Hour)}, rooms.Options[string]{})
	ann, missed := comeBack(t, r, "lobby", "", 0)
	wantMissed(t, missed, false)
	ann.Leave()
}

// hangingLog answers nothing until the context ends: Follow, or only Read after Follow
// has taken some time.
type hangingLog struct {
	rooms.Log
	follow time.Duration
}

func (l hangingLog) Follow(
	ctx context.Context, room string, receive func(rooms.News),
) (rooms.Place, error) {
	select {
	case <-time.After(l.follow):
		return l.Log.Follow(ctx, room, receive)
	case <-ctx.Done():
		return rooms.Place{}, ctx.Err()
	}
}

func (hangingLog) Read(ctx context.Context, _ string, _ rooms.Place) (rooms.Page, error) {
	<-ctx.Done()
	return rooms.Page{}, ctx.Err()
}

// slowBroker takes a while to fail.
type slowBroker struct{ rooms.Broker }

func (slowBroker) Subscribe(string, func([]byte, error)) error {
	time.Sleep(5 * time.Second)
	return errBroken
}

// Contract 11.8: however many join a room whose log or broker does not answer, nobody
// waits for longer than one.
func TestJoinersShareATry(t *testing.T) {
	onHanging, _ := onLog(hangingLog{memlog.New(50, time.Hour), time.Hour}, rooms.Options[string]{})
	onSlow := rooms.New(&rooms.Options[string]{Broker: slowBroker{}})
	tests := []struct {
		name string
		fail bool
		join func() error
	}{
		{name: "JoinAfter", fail: true, join: func() error {
			_, _, err := onHanging.JoinAfter("lobby", "", make(chan string), nil, nil)
			return err
		}},
		{name: "Join on a log", fail: true, join: func() error {
			_, err := onHanging.Join("lobby", make(chan string), nil, nil)
			return err
		}},
		{name: "Join on a broker", join: func() error {
			_, err := onSlow.Join("lobby", make(chan string), nil, nil)
			return err
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin, left := time.Now(), make(chan error, 20)
				for i := range 20 {
					go func() {
						time.Sleep(time.Duration(i) * 100 * time.Millisecond)
						left <- test.join()
					}()
				}
				for range 20 {
					if err := <-left; (err != nil) != test.fail {
						t.Errorf("Join = %v, want an error: %v", err, test.fail)
					}
				}
				if took := time.Since(begin); took > 5*time.Second {
					t.Errorf("the last of 20 has waited until %v, want 5s, as the first", took)
				}
			})
		})
	}
	if got := onHanging.Stats(); got.Rooms != 0 || got.Members != 0 {
		t.Errorf("Stats = %+v, want nobody on the log that hangs", got)
	}
}

// Contract 11.8: what following takes is not there for reading any more.
func TestJoinAfterHasOneDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := memlog.New(50, time.Hour)
		r, _ := onLog(hangingLog{log, 4 * time.Second}, rooms.Options[string]{})
		position := say(t, r, "lobby", "seen", "missed")
		log.Append(t.Context(), "lobby", "id", []byte("x"))
		begin := time.Now()
		_, _, err := r.JoinAfter("lobby", position, make(chan string), nil, nil)
		if waited := time.Since(begin); !errors.Is(err, context.DeadlineExceeded) ||
			waited != 5*time.Second {
			t.Errorf("JoinAfter = %v after %v, want a deadline after 5s", err, waited)
		}
	})
}

// deafLog is a log that does not look at its context.
type deafLog struct {
	rooms.Log
	deaf func(method string)
}

func (l deafLog) Follow(
	ctx context.Context, room string, receive func(rooms.News),
) (rooms.Place, error) {
	l.deaf("Follow")
	return l.Log.Follow(ctx, room, receive)
}

func (l deafLog) Read(ctx context.Context, room string, after rooms.Place) (rooms.Page, error) {
	l.deaf("Read")
	return l.Log.Read(ctx, room, after)
}

func (l deafLog) Unfollow(room string) error {
	l.deaf("Unfollow")
	return l.Log.Unfollow(room)
}

// Contract 11.8: a log that never answers keeps nobody in Join or JoinAfter.
func TestLogNeverReturns(t *testing.T) {
	for _, methods := range []string{"Follow", "Read", "Read and Unfollow"} {
		synctest.Test(t, func(t *testing.T) {
			block := make(chan struct{})
			r, errs := onLog(deafLog{memlog.New(50, time.Hour), func(called string) {
				if strings.Contains(methods, called) {
					<-block
				}
			}}, rooms.Options[string]{})
			say(t, r, "lobby", "x")
			begin := time.Now()
			_, _, err := r.JoinAfter("lobby", "", make(chan string, 1), nil, nil)
			if waited := time.Since(begin); !errors.Is(err, context.DeadlineExceeded) ||
				waited > 6*time.Second {
				t.Errorf("JoinAfter = %v after %v, want an error after 6s at most", err, waited)
			}
			synctest.Wait()
			if err := <-errs; !errors.Is(err, context.DeadlineExceeded) || r.Len("lobby") > 0 {
				t.Errorf("OnError(%v), %d members, want the same error and nobody", err, r.Len("lobby"))
			}
			close(block)
			synctest.Wait()
			if got := r.Stats().Rooms; got != 0 || len(errs) > 0 {
				t.Errorf("%d rooms, told %d errors more, want none", got, len(errs))
			}
			ann := join(t, r, "lobby", 10, "ann")
			say(t, r, "lobby", "y")
			wantMessages(t, "ann", ann.got(), "y")
			ann.Leave()
		})
	}
}

// Without a limit for Start, nothing of a member stays, whether it was started or not.
func TestOverdueKeepsNothing(t *testing.T) {
	for _, start := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			r, _ := onLog(nil, rooms.Options[string]{Grace: -1})
			visit := func() weak.Pointer[rooms.Member[string]] {
				m, _ := comeBack(t, r, "lobby", "", 1)
				if start {
					m.Start()
				}
				m.Leave()
				return weak.Make(m.Member)
			}
			gone := visit()
			synctest.Wait()
			runtime.GC()
			runtime.GC()
			if gone.Value() != nil {
				t.Errorf("started %v: the member is kept", start)
			}
			runtime.KeepAlive(r)
		})
	}
}
