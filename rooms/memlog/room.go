package memlog

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// room is the log of one room.
type room struct {
	memory *log
	name   string
	tag    uint64 // of all its places

	mu      sync.Mutex // protects the fields below; not held during receive
	last    uint64     // Seq of the newest entry; they have no gaps
	entries []entry
	ids     recentIDs
	feed    *feed       // nil while nobody follows
	expiry  *time.Timer // runs while nobody follows
	idle    time.Time   // the last time that it had a follower or got an entry
	dead    bool        // forgotten; must not be used any more
}

type entry struct {
	data []byte
	at   time.Time
}

func newRoom(m *log, name string) *room {
	r := &room{memory: m, name: name, tag: rand.Uint64() | 1, idle: time.Now()}
	r.ids = recentIDs{max: max(1000, m.count), age: min(m.age, 2*time.Minute)}
	r.expiry = time.AfterFunc(m.age, r.expire)
	return r
}

func (r *room) place(seq uint64) rooms.Place { return rooms.Place{Seq: seq, Tag: r.tag} }

// append adds an entry, unless it knows the id. If it returns a channel, it has added
// nothing: too many entries wait for the follower, or the room has died since it was
// found. Then open the room and append again when the channel is closed.
func (r *room) append(id string, data []byte) (place rooms.Place, again <-chan struct{}) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dead {
		closed := make(chan struct{})
		close(closed)
		return rooms.Place{}, closed
	}
	if seq, known := r.ids.find(id, now); known {
		return r.place(seq), nil
	}
	if full := r.full(); full != nil {
		return rooms.Place{}, full
	}
	r.last++
	place = r.place(r.last)
	r.ids.add(id, r.last, now)
	// A copy that is never nil: nil would mean an entry without a message.
	r.entries = append(r.entries, entry{append([]byte{}, data...), now})
	r.prune(now)
	r.idle = now
	return place, nil
}

// prune drops entries that are too old or too many, and were passed on.
func (r *room) prune(now time.Time) {
	n := max(0, len(r.entries)-r.memory.count)
	for n < len(r.entries) && now.Sub(r.entries[n].at) >= r.memory.age {
		n++
	}
	if r.feed != nil {
		n = min(n, len(r.entries)-int(r.last-r.feed.given))
	}
	clear(r.entries[:n]) // the array lives on for a while
	r.entries = r.entries[n:]
}

func (r *room) read(after rooms.Place) (page rooms.Page) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.prune(time.Now())
	gone := r.last - uint64(len(r.entries)) // Seq of the last one that was dropped
	own := after.Tag == r.tag && after.Seq <= r.last
	page.Whole = own && after.Seq >= gone
	from := gone
	if own {
		from = max(gone, after.Seq)
	}
	for i, e := range r.entries[from-gone:] {
		if i == pageSize {
			page.More = true
			break
		}
		place := r.place(from + uint64(i) + 1)
		page.Entries = append(page.Entries, rooms.Entry{Place: place, Data: bytes.Clone(e.data)})
	}
	return page
}

func (r *room) follow(receive func(rooms.News)) (end rooms.Place, ok bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.dead:
		return rooms.Place{}, false, nil
	case r.feed != nil:
		return rooms.Place{}, true, errFollowed
	}
	r.expiry.Stop()
	r.feed = &feed{receive: receive, given: r.last}
	return r.place(r.last), true, nil
}

func (r *room) unfollow() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.feed == nil {
		return
	}
	r.feed.release()
	r.feed = nil
	r.idle = time.Now()
	r.expiry.Reset(r.memory.age)
}

// expire forgets the room when it has been idle for the age.
func (r *room) expire() {
	r.mu.Lock()
	rest := r.memory.age - time.Since(r.idle)
	r.dead = r.feed == nil && rest <= 0
	if r.feed == nil && rest > 0 {
		r.expiry.Reset(rest)
	}
	dead := r.dead
	r.mu.Unlock()
	if dead {
		r.memory.forget(r)
	}
}
