package memlog

import (
	"bytes"
	"math"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// feed is a room's follower, and how far it is. The room's lock protects it. The room
// keeps all entries that were not passed on yet, so that the follower never misses one.
type feed struct {
	receive func(rooms.News)
	given   uint64        // Seq of the last entry that was passed on
	giving  bool          // a goroutine is calling receive with the next one
	space   chan struct{} // closed when entries may be added again; nil if nobody waits
}

// maxWaiting limits how many entries a slow follower makes the room keep. When so many
// wait, Append waits until half of them were passed on.
const maxWaiting = 1024

// full returns nil if an entry may be added. Otherwise it returns a channel that is
// closed when one may. While somebody waits, nobody else adds an entry.
func (r *room) full() <-chan struct{} {
	f := r.feed
	if f == nil || f.space == nil && r.last-f.given < maxWaiting {
		return nil
	}
	if f.space == nil {
		f.space = make(chan struct{})
	}
	return f.space
}

// release lets those that wait for space append.
func (f *feed) release() {
	if f.space != nil {
		close(f.space)
		f.space = nil
	}
}

// give passes entries to the follower, in order. If another goroutine is already doing
// so, give leaves it to that one: receive may append, and so call give. When the entry
// with the given Seq was passed on, a goroutine passes on what others have added since.
func (r *room) give(last uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.feed
	for f != nil && f == r.feed && !f.giving && f.given < r.last {
		if f.given >= last {
			go r.give(math.MaxUint64) // ends when all are passed on
			return
		}
		r.giveNext(f)
	}
}

// giveNext passes on the next entry. It unlocks the room during receive.
func (r *room) giveNext(f *feed) {
	place := r.place(f.given + 1)
	data := r.entries[len(r.entries)-int(r.last-f.given)].data
	f.giving = true
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		f.giving = false
		f.given++
		if r.last-f.given <= maxWaiting/2 {
			f.release()
		}
		r.prune(time.Now())
	}()
	entry := rooms.Entry{Place: place, Data: bytes.Clone(data)}
	f.receive(rooms.News{Entry: entry, Prev: r.place(place.Seq - 1)})
}
