package logtest_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// service keeps logs for processes. It remembers all that it ever took: that is what the
// checker of the simulation compares with.
type service struct {
	count int // entries kept of a room

	mu        sync.Mutex // protects what follows
	rand      *rand.Rand
	starts    int    // restarts, losses included
	down      bool   // between Stop and Start
	last      uint64 // the number of the last entry
	kept      uint64 // the last number that the last loss left
	rooms     map[string]*simRoom
	life      int            // counts losses
	tags      map[uint64]int // in which life each was given
	followers map[string]map[listener]bool

	copied *saved // nil, or what a loss goes back to; only the history uses it
}

// listener is the log of a process that follows rooms.
type listener interface {
	tell(room string, n rooms.News) // does not block
}

// simRoom is the log of one room in one life of the service.
type simRoom struct {
	first rooms.Place // before all entries
	tag   uint64      // of entries to come
	all   []simEntry  // the kept ones are the last
	ids   map[string]int
}

type simEntry struct {
	rooms.Entry
	id   string
	time time.Time
}

func newService(seed uint64, count int) *service {
	s := &service{count: count, rand: rand.New(rand.NewPCG(seed, 11)),
		tags: make(map[uint64]int), followers: make(map[string]map[listener]bool)}
	s.rooms = make(map[string]*simRoom)
	return s
}

// saved is what a service had once.
type saved struct {
	last  uint64
	rooms map[string]*simRoom
}

func (s *service) save() saved {
	s.mu.Lock()
	defer s.mu.Unlock()
	return saved{s.last, s.copyRooms(s.rooms)}
}

// copyRooms gives the copies other tags.
func (s *service) copyRooms(names map[string]*simRoom) map[string]*simRoom {
	all := make(map[string]*simRoom)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		r := names[name]
		all[name] = &simRoom{r.first, s.newTag(), slices.Clone(r.all), maps.Clone(r.ids)}
	}
	return all
}

// lose begins a life with what was saved, which may be nothing. The service must be down.
func (s *service) lose(to saved) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.life++
	s.last, s.kept, s.rooms = to.last, to.last, s.copyRooms(to.rooms)
}

func (s *service) newTag() uint64 {
	tag := s.rand.Uint64() | 1
	s.tags[tag] = s.life
	return tag
}

// stop takes the service away. Followers are forgotten, as by any server.
func (s *service) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = true
	s.followers = make(map[string]map[listener]bool)
}

func (s *service) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = false
	s.starts++
}

func (s *service) room(name string) *simRoom {
	r := s.rooms[name]
	if r == nil {
		tag := s.newTag()
		r = &simRoom{first: rooms.Place{Tag: tag}, tag: tag, ids: make(map[string]int)}
		s.rooms[name] = r
	}
	return r
}

func (r *simRoom) end() rooms.Place {
	if len(r.all) == 0 {
		return r.first
	}
	return r.all[len(r.all)-1].Place
}

// after returns how many entries there were up to a place, and whether that is one.
func (r *simRoom) after(p rooms.Place) (n int, own bool) {
	if p == r.first {
		return 0, true
	}
	i := slices.IndexFunc(r.all, func(e simEntry) bool { return e.Place == p })
	return i + 1, i >= 0
}

// append takes an entry, or an empty one if it is late. An id that a late one has used is
// as good as new.
func (s *service) append(room, id string, data []byte, until time.Time) rooms.Place {
	r := s.room(room)
	if i, ok := r.ids[id]; ok {
		return r.all[i].Place
	}
	late := time.Now().After(until)
	if late {
		data = nil
	}
	prev := r.end()
	s.last++
	place := rooms.Place{Seq: s.last, Tag: r.tag}
	e := simEntry{rooms.Entry{Place: place, Data: data}, id, time.Now()}
	r.all = append(r.all, e)
	if !late {
		r.ids[id] = len(r.all) - 1
	}
	for f := range s.followers[room] {
		f.tell(room, rooms.News{Entry: e.Entry, Prev: prev})
	}
	return e.Place
}

func (s *service) read(room string, after rooms.Place) (page rooms.Page) {
	r := s.room(room)
	gone := max(0, len(r.all)-s.count)
	from, own := r.after(after)
	page.Whole = own && from >= gone
	if from = max(from, gone); !own {
		from = gone
	}
	for _, e := range r.all[from:] {
		if len(page.Entries) == 4 { // so that there are pages
			page.More = true
			break
		}
		page.Entries = append(page.Entries, e.Entry)
	}
	return page
}

func (s *service) follow(room string, f listener) rooms.Place {
	if s.followers[room] == nil {
		s.followers[room] = make(map[listener]bool)
	}
	s.followers[room][f] = true
	return s.room(room).end()
}

func (s *service) unfollow(room string, f listener) { delete(s.followers[room], f) }

// simState is what a client has to know to find out what it has missed.
type simState struct {
	starts int
	ends   map[string]rooms.Place
}

// state also makes the client a follower: the service may have forgotten it.
func (s *service) state(f listener, names []string) simState {
	state := simState{starts: s.starts, ends: make(map[string]rooms.Place)}
	for _, name := range names {
		state.ends[name] = s.follow(name, f)
	}
	return state
}
