package rooms

import "slices"

// memoryFeed holds the news that a room's follower has not received yet. The room's lock
// protects it.
type memoryFeed struct {
	receive func(News)
	news    []News
	giving  bool // a goroutine that appended is calling receive
}

func (f *memoryFeed) add(place Place, data []byte) {
	if f == nil {
		return
	}
	entry := Entry{place, append([]byte{}, data...)}
	f.news = append(f.news, News{Entry: entry, Prev: Place{place.Seq - 1, place.Tag}})
}

// give passes the news to the follower, in order. If another goroutine is already doing
// so, give leaves it to that one: receive may append, and so call give.
func (r *memoryRoom) give() {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.feed
	for f != nil && f == r.feed && !f.giving && len(f.news) > 0 {
		r.giveFirst(f)
	}
}

// giveFirst passes on the first news. It unlocks the room during receive.
func (r *memoryRoom) giveFirst(f *memoryFeed) {
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
