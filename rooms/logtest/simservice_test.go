package logtest_test

import (
	"math/rand/v2"
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
	starts    int  // restarts, losses included
	down      bool // between Stop and Start
	rooms     map[string]*simRoom
	lives     []map[string]*simRoom // all that there were, the last is rooms
	followers map[string]map[listener]bool
}

// listener is the log of a process that follows rooms.
type listener interface {
	tell(room string, n rooms.News) // does not block
}

// simRoom is the log of one room in one life of the service.
type simRoom struct {
	tag uint64
	all []simEntry // the kept ones are the last
	ids map[string]int
}

type simEntry struct {
	rooms.Entry
	id   string
	time time.Time
}

func newService(seed uint64, count int) *service {
	s := &service{count: count, rand: rand.New(rand.NewPCG(seed, 11))}
	s.begin()
	return s
}

// begin starts a life without entries.
func (s *service) begin() {
	s.rooms = make(map[string]*simRoom)
	s.lives = append(s.lives, s.rooms)
	s.followers = make(map[string]map[listener]bool)
}

// stop takes the service away. Followers are forgotten, as by any server.
func (s *service) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = true
	s.followers = make(map[string]map[listener]bool)
}

func (s *service) start(lose bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = false
	s.starts++
	if lose {
		s.begin()
	}
}

func (s *service) room(name string) *simRoom {
	r := s.rooms[name]
	if r == nil {
		r = &simRoom{tag: s.rand.Uint64() | 1, ids: make(map[string]int)}
		s.rooms[name] = r
	}
	return r
}

func (r *simRoom) end() rooms.Place { return rooms.Place{Seq: uint64(len(r.all)), Tag: r.tag} }

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
	place := rooms.Place{Seq: prev.Seq + 1, Tag: r.tag}
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
	gone := uint64(max(0, len(r.all)-s.count))
	own := after.Tag == r.tag && after.Seq <= uint64(len(r.all))
	page.Whole = own && after.Seq >= gone
	from := gone
	if own {
		from = max(gone, after.Seq)
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
