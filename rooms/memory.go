package rooms

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrFollowed is returned by [Memory] for a second follower of a room. It means that two
// Rooms share the log; give each its own.
var ErrFollowed = errors.New("rooms: the room is followed already")

// memoryPage is how many entries one Read of a [Memory] returns.
const memoryPage = 256

// memory is a log for the rooms of one process.
type memory struct {
	count int
	age   time.Duration

	mu    sync.Mutex // protects rooms; never held while a room's mu is taken
	rooms map[string]*memoryRoom
}

// Memory returns a log that keeps the last messages of each room in memory: at most count
// messages, and none older than age. Give it to one [Rooms] only. A room without members
// takes no memory once it has been idle for age; until then, clients that reconnect get
// what they missed.
//
// The log's window: an id is remembered for age, but for at most two minutes, and only
// among the last thousand ids of the room, or the last count if that is more. There is no
// goroutine, and nothing to close. Memory panics if count or age is not positive.
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

// open returns the named room, and makes it if necessary.
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

// forget removes a dead room. A goroutine that has just found it sees that it is dead,
// and opens another.
func (m *memory) forget(r *memoryRoom) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rooms[r.name] == r {
		delete(m.rooms, r.name)
	}
}
