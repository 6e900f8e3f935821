package memlog

import (
	"math"
	"slices"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// feed holds the news that a room's follower has not received yet. The room's lock
// protects it.
type feed struct {
	receive func(rooms.News)
	news    []rooms.News
	giving  bool // a goroutine that appended is calling receive
}

// add queues the news of an entry. When the queue is full, one word to look replaces it.
func (f *feed) add(place rooms.Place, data []byte) {
	if f == nil {
		return
	}
	if len(f.news) == maxNews {
		f.news = append(f.news[:0:0], rooms.News{})
		return
	}
	entry := rooms.Entry{Place: place, Data: append([]byte{}, data...)}
	f.news = append(f.news, rooms.News{Entry: entry, Prev: rooms.Place{Seq: place.Seq - 1, Tag: place.Tag}})
}

// maxNews limits what a slow follower makes the queue hold.
const maxNews = 1024

// give passes the news to the follower, in order. If another goroutine is already doing
// so, give leaves it to that one: receive may append, and so call give. When the entry
// with the given Seq was passed on, a goroutine passes on what others have added since.
func (r *room) give(last uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.feed
	for f != nil && f == r.feed && !f.giving && len(f.news) > 0 {
		if f.news[0].Seq > last {
			go r.give(math.MaxUint64) // ends when no news is left
			return
		}
		r.giveFirst(f)
	}
}

// giveFirst passes on the first news. It unlocks the room during receive.
func (r *room) giveFirst(f *feed) {
	news := f.news[0]
	f.news = slices.Delete(f.news, 0, 1)
	f.giving = true
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		f.giving = false
	}()
	f.receive(news)
}
