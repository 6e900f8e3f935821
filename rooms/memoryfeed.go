package rooms

import "slices"

// memoryFeed is what the follower of a room has still to be told.
type memoryFeed struct {
	receive func(News)
	news    []News
	giving  bool // one of the goroutines that append is at it
}

// add is called with the room's lock.
func (f *memoryFeed) add(place Place, data []byte) {
	if f.receive == nil {
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
	if r.feed.giving {
		return
	}
	for len(r.feed.news) > 0 {
		r.feed.giving = true
		r.giveFirst()
	}
}

// giveFirst unlocks the room for the time of a receive. The follower may be another one
// afterwards.
func (r *memoryRoom) giveFirst() {
	receive, news := r.feed.receive, r.feed.news[0]
	r.feed.news = slices.Delete(r.feed.news, 0, 1)
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		r.feed.giving = false
	}()
	receive(news)
}
