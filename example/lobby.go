package main

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// lobby is the rooms that are open at this node: those with people, and for a while those that had some.
type lobby struct {
	mu    sync.Mutex // protects rooms, and of each its visits and left
	rooms map[string]*room
}

// open finds a room, or makes one and starts its keeper. The caller releases it.
func (c *Chat) open(name string) (*room, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := c.rooms[name]
	if found == nil {
		if len(c.rooms) >= maxRooms {
			return nil, errManyRooms
		}
		found = &room{chat: c, name: name, ready: make(chan struct{}), guests: make(map[string]*guest), others: make(map[string]report)}
		c.rooms[name] = found
		c.keepers.Go(func() { found.keep(c.ctx) })
	}
	found.visits++
	return found, nil
}

func (c *Chat) release(r *room) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r.visits--
	r.left = time.Now()
}

// forget drops a room in which nobody was for long, and reports whether it did.
func (c *Chat) forget(r *room) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.visits > 0 || time.Since(r.left) < c.times.Keep {
		return false
	}
	delete(c.rooms, r.name)
	return true
}

// Room is a line of the list of rooms.
type Room struct {
	Name   string
	People int
}

// list returns the rooms that have people of this node in them, in order.
func (c *Chat) list() []Room {
	var list []Room
	for _, name := range c.people.Names() {
		if n := c.people.Len(name); n > 0 {
			list = append(list, Room{name, n})
		}
	}
	slices.SortFunc(list, func(a, b Room) int { return cmp.Compare(a.Name, b.Name) })
	return list
}
