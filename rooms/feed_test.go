package rooms_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
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
// sent to the next: it was before that one's time.
func TestFeedOfAnotherTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		r, _ := onLog(rooms.Options[string]{
			Encode: func(s string) ([]byte, error) { return []byte(s), nil },
			Decode: func(b []byte) (string, error) {
				if string(b) == "slow" {
					<-hold
				}
				return string(b), nil
			},
		})
		ann := join(t, r, "lobby", 10, "ann")
		go say(t, r, "lobby", "slow")
		synctest.Wait()
		ann.Leave()
		bob := join(t, r, "lobby", 10, "bob")
		close(hold)
		synctest.Wait()
		say(t, r, "lobby", "live")
		wantMessages(t, "ann", ann.got())
		wantMessages(t, "bob", bob.got(), "live")
		bob.Leave()
	})
}

// A feed that has ended decodes nothing and reads nothing any more, whatever its log
// tells it.
func TestEndedFeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		decoded := 0
		l := newFakeLog()
		r, _ := onLog(rooms.Options[string]{
			Log:    l,
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
		r, _ := onLog(rooms.Options[string]{Log: l})
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
		l := &slowReader{rooms.Memory(50, time.Hour), make(chan struct{}), make(chan struct{})}
		r, errs := onLog(rooms.Options[string]{Log: l, Backlog: 1})
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
