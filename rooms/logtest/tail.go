package logtest

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// tail follows a room as package rooms does: it takes an entry that continues the last
// one, and otherwise reads from the log.
type tail struct {
	log  rooms.Log
	room string
	news chan rooms.News
	at   rooms.Place
	read []rooms.Entry // read, and not taken yet
	errs atomic.Int64  // how many errors it was told since it was asked
}

func follow(t *testing.T, l rooms.Log, room string) *tail {
	t.Helper()
	f := &tail{log: l, room: room, news: make(chan rooms.News, 1<<14)}
	var err error
	if f.at, err = l.Follow(soon(t), room, f.receive); err != nil {
		t.Fatalf("Follow(%.20q) = %v, want no error", room, err)
	}
	return f
}

func (f *tail) receive(n rooms.News) {
	if n.Err != nil {
		f.errs.Add(1)
	}
	f.news <- n
}

// toldError reports whether it was told an error since it was asked last.
func (f *tail) toldError() bool { return f.errs.Swap(0) > 0 }

// next returns the next entry of the log that says something.
func (f *tail) next(t *testing.T) rooms.Entry {
	t.Helper()
	for {
		e := f.any(t)
		if e.Seq <= f.at.Seq && e.Tag == f.at.Tag {
			t.Fatalf("after %v came %v, want a later one", f.at, e.Place)
		}
		f.at = e.Place
		if e.Data != nil {
			return e
		}
	}
}

func (f *tail) any(t *testing.T) (e rooms.Entry) {
	t.Helper()
	for deadline := time.After(patience); len(f.read) == 0; {
		select {
		case n := <-f.news:
			if n.Seq != 0 && n.Prev == f.at {
				return n.Entry
			}
			f.catchUp(t)
		case <-deadline:
			t.Fatalf("nothing is told of %.20q after %v, want an entry", f.room, f.at)
		}
	}
	e, f.read = f.read[0], f.read[1:]
	return e
}

func (f *tail) catchUp(t *testing.T) {
	t.Helper()
	var whole bool
	if f.read, whole = read(t, f.log, f.room, f.at); !whole {
		t.Fatalf("what is after %v in %.20q is not whole, want it to be", f.at, f.room)
	}
}

func (f *tail) want(t *testing.T, want string) rooms.Entry {
	t.Helper()
	e := f.next(t)
	if string(e.Data) != want {
		t.Fatalf("%.20q is told %.80q, want %.80q", f.room, e.Data, want)
	}
	return e
}
