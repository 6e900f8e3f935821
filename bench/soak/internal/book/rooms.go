package book

import (
	"fmt"
	"maps"
	"sync"
)

// Rooms has the accounts of all rooms: a member gets what one speaker says in that order
// and nothing twice; everything that was said while it was there, unless its connection
// ends. The zero value is ready. All methods of Rooms and Member are safe for concurrent
// use, except those of one Member at the same time.
type Rooms struct {
	mu    sync.Mutex // guards rooms and their members, except what Member says
	rooms map[string]map[*Member]struct{}
}

// Member is one client's account of one room: as a speaker and as a listener. The number
// of a message is its speaker's, from 1.
type Member struct {
	all      *Rooms
	room, id string

	// Guarded by Rooms.mu.
	joined  bool
	sent    int64            // messages that it may have said
	reached int64            // messages that the server has broadcast, to the end
	started map[string]int64 // what each speaker had sent when this member had joined, or left
	owed    map[string]int64 // the last messages of speakers that have left since

	seen map[string]int64 // the last message of each speaker
}

// Join opens an account for a client that is about to join a room, under an id that
// nobody else has.
func (r *Rooms) Join(room, id string) *Member {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rooms == nil {
		r.rooms = make(map[string]map[*Member]struct{})
	}
	if r.rooms[room] == nil {
		r.rooms[room] = make(map[*Member]struct{})
	}
	m := &Member{all: r, room: room, id: id, started: make(map[string]int64),
		owed: make(map[string]int64), seen: make(map[string]int64)}
	r.rooms[room][m] = struct{}{}
	return m
}

// Open is the number of rooms that have an account.
func (r *Rooms) Open() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.rooms)
}

// Joined is called when the server has said so: from now on the member must get
// everything.
func (m *Member) Joined() {
	m.all.mu.Lock()
	defer m.all.mu.Unlock()
	m.joined = true
	for other := range m.all.rooms[m.room] {
		m.started[other.id] = other.sent
	}
}

// Says is called before each message and returns its number.
func (m *Member) Says() int64 {
	m.all.mu.Lock()
	defer m.all.mu.Unlock()
	m.sent++
	return m.sent
}

// Hears is called for each message that arrives. The error says what is wrong with it.
// What comes before the member knows that it has joined is not due.
func (m *Member) Hears(from string, number int64) error {
	m.all.mu.Lock()
	defer m.all.mu.Unlock()
	last, known := m.seen[from]
	if !known {
		last = m.started[from]
	}
	first := !known && !m.joined
	m.seen[from] = number
	switch {
	case known && number <= last:
		return fmt.Errorf("message %d of %s came after %d: twice, or late", number, from, last)
	case !first && number > last+1:
		return fmt.Errorf("message %d of %s came after %d: some are lost", number, from, last)
	}
	if from == m.id { // its handler has gone on, so the broadcast before has returned
		m.reached = max(m.reached, number-1)
	}
	return nil
}

// Due returns what must have arrived before the member leaves: for each speaker, the
// number of a message.
func (m *Member) Due() map[string]int64 {
	m.all.mu.Lock()
	defer m.all.mu.Unlock()
	due := maps.Clone(m.owed)
	for other := range m.all.rooms[m.room] {
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
	m.all.mu.Lock()
	defer m.all.mu.Unlock()
	if settled {
		m.reached = m.sent
	}
	others := m.all.rooms[m.room]
	delete(others, m)
	for other := range others {
		switch {
		case !other.joined:
			other.started[m.id] = m.sent
		case m.reached > other.started[m.id]:
			other.owed[m.id] = m.reached
		}
	}
	if len(others) == 0 {
		delete(m.all.rooms, m.room)
	}
}
