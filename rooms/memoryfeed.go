package rooms

import "slices"

// memoryFeed is what one follower of a room has still to be told. The room's lock
// protects it.
type memoryFeed struct {
	receive func(News)
	news    []News
	giving  bool // one of the goroutines that append is at it
}

func (f *memoryFeed) add(place Place, data []byte) {
	if f == nil {
		return
	}
	entry := Entry{place, append([]byte{}, data...)}
	f.news = append(f.news, News{Entry: entry, Prev: Place{place.Seq - 1, place.Tag}})
}

// give tells the follower what is new, in order. When another goroutine is doing that
// already it leaves it to that one: it may be called by what that one calls.
func (r *memoryRoom) give() {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.feed
	for f != nil && f == r.feed && !f.giving && len(f.news) > 0 {
		r.giveFirst(f)
	}
}

// giveFirst unlocks the room for the time of a receive.
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
