package rooms

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrFollowed is returned by [Memory] for a second follower of a room: two Rooms share
// the log. Give each its own.
var ErrFollowed = errors.New("rooms: the room is followed already")

// memoryPage is how many entries one Read of a [Memory] returns.
const memoryPage = 256

// memory is a log for the rooms of one process.
type memory struct {
	count int
	age   time.Duration

	mu    sync.Mutex // protects rooms; a room's own is never taken under it
	rooms map[string]*memoryRoom
}

// Memory returns a log that keeps the last messages of each room in memory: count of them
// at most, none that is older than age. It is good for one [Rooms]. A room that has no
// members takes no memory after that age, whatever was said in it; until then, whoever
// comes back finds out what was missed.
//
// An id is remembered for the age, but for two minutes at most, and as one of the room's
// last thousand, or count if that is more. There is no goroutine, and nothing to close.
// Memory panics when count or age is not positive.
func Memory(count int, age time.Duration) Log {
	if count <= 0 || age <= 0 {
		panic(fmt.Sprintf("rooms: Memory(%d, %v): the log would keep nothing", count, age))
	}
	return &memory{count: count, age: age, rooms: make(map[string]*memoryRoom)}
}

func (m *memory) Append(ctx context.Context, room, id string, data []byte) (Place, error) {
	if err := ctx.Err(); err != nil {
		return Place{}, err
	}
	for {
		r := m.open(room)
		if place, ok := r.append(id, data); ok {
			r.give()
			return place, nil
		}
	}
}

func (m *memory) Read(_ context.Context, room string, after Place) (Page, error) {
	m.mu.Lock()
	r := m.rooms[room]
	m.mu.Unlock()
	if r == nil {
		return Page{}, nil
	}
	return r.read(after), nil
}

func (m *memory) Follow(_ context.Context, room string, receive func(News)) (Place, error) {
	for {
		if place, ok, err := m.open(room).follow(receive); ok {
			return place, err
		}
	}
}

func (m *memory) Unfollow(room string) error {
	m.mu.Lock()
	r := m.rooms[room]
	m.mu.Unlock()
	if r != nil {
		r.unfollow()
	}
	return nil
}

// open returns the room, which it makes if there is none.
func (m *memory) open(name string) *memoryRoom {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rooms[name]
	if r == nil {
		r = newMemoryRoom(m, name)
		m.rooms[name] = r
	}
	return r
}

// forget frees a room. Whoever has just found it sees that it is dead, and opens another.
func (m *memory) forget(r *memoryRoom) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rooms[r.name] == r {
		delete(m.rooms, r.name)
	}
}
