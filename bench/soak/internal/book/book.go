// Package book keeps the books of rooms: who has said what, and so what each member must
// get.
//
// A member gets what one speaker says in that order and nothing twice; everything that
// was said while it was there, unless its connection ends.
package book

import (
	"fmt"
	"maps"
	"math"
	"sync"
)

// Books has the accounts of all rooms. The zero value is ready. All methods of this
// package are safe for concurrent use, except those of one Member at the same time.
type Books struct {
	mu    sync.Mutex // guards rooms
	rooms map[string]*room
}

// room is forgotten when its last member has left.
type room struct {
	mu      sync.Mutex // protects the fields below, and what members say they do
	members map[*Member]struct{}
}

// Member is one client's account of one room: as a speaker and as a listener. The number
// of a message is its speaker's, from 1.
type Member struct {
	books *Books
	name  string
	room  *room
	id    string

	// Guarded by room.mu.
	joined  bool
	sent    int64            // messages that it may have said
	reached int64            // messages that the server has broadcast, to the end
	started map[string]int64 // what each speaker had sent when this member had joined, or left
	owed    map[string]int64 // the last messages of speakers that have left since

	seen map[string]int64 // the last message of each speaker
}

// Join opens an account for a client that is about to join a room, under an id that
// nobody else has.
func (b *Books) Join(name, id string) *Member {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rooms == nil {
		b.rooms = make(map[string]*room)
	}
	r := b.rooms[name]
	if r == nil {
		r = &room{members: make(map[*Member]struct{})}
		b.rooms[name] = r
	}
	m := &Member{books: b, name: name, room: r, id: id, started: make(map[string]int64),
		owed: make(map[string]int64), seen: make(map[string]int64)}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.members[m] = struct{}{}
	return m
}

// Joined is called when the server has said so: from now on the member must get
// everything.
func (m *Member) Joined() {
	m.room.mu.Lock()
	defer m.room.mu.Unlock()
	m.joined = true
	for other := range m.room.members {
		m.started[other.id] = other.sent
	}
}

// Says is called before each message and returns its number.
func (m *Member) Says() int64 {
	m.room.mu.Lock()
	defer m.room.mu.Unlock()
	m.sent++
	return m.sent
}

// Hears is called for each message that arrives. The error says what is wrong with it.
func (m *Member) Hears(from string, number int64) error {
	last, known := m.seen[from]
	m.seen[from] = number
	switch {
	case known && number <= last:
		return fmt.Errorf("message %d of %s came after %d: twice, or late", number, from, last)
	case known && number > last+1:
		return fmt.Errorf("message %d of %s came after %d: some are lost", number, from, last)
	case !known && number > m.first(from):
		return fmt.Errorf("message %d of %s came first: some are lost", number, from)
	}
	if from == m.id && number > 1 {
		m.reach(number - 1) // its handler has gone on, so the broadcast before has returned
	}
	return nil
}

// first is the first message of a speaker that the member must get; it may get others
// before. What comes before the member knows that it has joined is not due.
func (m *Member) first(from string) int64 {
	m.room.mu.Lock()
	defer m.room.mu.Unlock()
	if !m.joined {
		return math.MaxInt64
	}
	return m.started[from] + 1
}

func (m *Member) reach(number int64) {
	m.room.mu.Lock()
	defer m.room.mu.Unlock()
	m.reached = max(m.reached, number)
}

// Due returns what must have arrived before the member leaves: for each speaker, the
// number of a message.
func (m *Member) Due() map[string]int64 {
	m.room.mu.Lock()
	defer m.room.mu.Unlock()
	due := maps.Clone(m.owed)
	for other := range m.room.members {
		if other.reached > m.started[other.id] {
			due[other.id] = other.reached
		}
	}
	due[m.id] = m.sent
	maps.DeleteFunc(due, func(_ string, number int64) bool { return number == 0 })
	return due
}

// Missing returns what of due has not arrived, and "" when all has.
func (m *Member) Missing(due map[string]int64) string {
	for from, number := range due {
		if m.seen[from] < number {
			return fmt.Sprintf("message %d of %s has not come, the last was %d",
				number, from, m.seen[from])
		}
	}
	return ""
}

// Left closes the account. It is called once, whether the member has left, or its
// connection has ended; settled says that all it has said was broadcast.
func (m *Member) Left(settled bool) {
	m.books.mu.Lock()
	defer m.books.mu.Unlock()
	m.room.mu.Lock()
	defer m.room.mu.Unlock()
	if settled {
		m.reached = m.sent
	}
	delete(m.room.members, m)
	for other := range m.room.members {
		switch {
		case !other.joined:
			other.started[m.id] = m.sent
		case m.reached > other.started[m.id]:
			other.owed[m.id] = m.reached
		}
	}
	if len(m.room.members) == 0 {
		delete(m.books.rooms, m.name)
	}
}

// Rooms is the number of rooms that have an account.
func (b *Books) Rooms() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.rooms)
}
