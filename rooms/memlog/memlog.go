// Package memlog is a log for rooms of one process, in memory.
package memlog

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// errFollowed is returned by Follow for a second follower of a room. It means that two
// Rooms share the log; give each its own.
var errFollowed = errors.New("rooms: the room is followed already")

// pageSize is how many entries one Read returns.
const pageSize = 256

// log is a log for the rooms of one process.
type log struct {
	count int
	age   time.Duration

	mu    sync.Mutex // protects rooms; never held while a room's mu is taken
	rooms map[string]*room
}

// New returns a log that keeps the last messages of each room in memory: at most count
// messages, and none older than age. Give it to one [rooms.LogRooms] only. A room without
// members takes no memory once it has been idle for age; until then, clients that
// reconnect get what they missed.
//
// The log's window: an id is remembered for age, but for at most two minutes, and only
// among the last thousand ids of the room, or the last count if that is more. If a
// thousand messages of a room wait to be given to its members, Say waits until half of
// them were. There is nothing to close, and no goroutine, except while several append to
// a room at once. New panics if count or age is not positive.
func New(count int, age time.Duration) rooms.Log {
	if count <= 0 || age <= 0 {
		panic(fmt.Sprintf("rooms: memlog.New(%d, %v): the log would keep nothing", count, age))
	}
	return &log{count: count, age: age, rooms: make(map[string]*room)}
}

func (m *log) Append(ctx context.Context, room, id string, data []byte) (rooms.Place, error) {
	if err := ctx.Err(); err != nil {
		return rooms.Place{}, err
	}
	for {
		r := m.open(room)
		place, again := r.append(id, data)
		// Also if nothing was added: receive may have ended the goroutine that gave.
		r.give(place.Seq)
		if again == nil {
			return place, nil
		}
		select {
		case <-again:
		case <-ctx.Done():
			return rooms.Place{}, ctx.Err()
		}
	}
}

func (m *log) Read(_ context.Context, room string, after rooms.Place) (rooms.Page, error) {
	m.mu.Lock()
	r := m.rooms[room]
	m.mu.Unlock()
	if r == nil {
		return rooms.Page{}, nil
	}
	return r.read(after), nil
}

func (m *log) Follow(_ context.Context, room string, receive func(rooms.News)) (rooms.Place, error) {
	for {
		if place, ok, err := m.open(room).follow(receive); ok {
			return place, err
		}
	}
}

func (m *log) Unfollow(room string) error {
	m.mu.Lock()
	r := m.rooms[room]
	m.mu.Unlock()
	if r != nil {
		r.unfollow()
	}
	return nil
}

// open returns the named room, and makes it if necessary.
func (m *log) open(name string) *room {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rooms[name]
	if r == nil {
		r = newRoom(m, name)
		m.rooms[name] = r
	}
	return r
}

// forget removes a dead room. A goroutine that has just found it sees that it is dead,
// and opens another.
func (m *log) forget(r *room) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rooms[r.name] == r {
		delete(m.rooms, r.name)
	}
}
