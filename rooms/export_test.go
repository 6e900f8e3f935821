package rooms

// BroadcastSlowly is a broadcast to the members of this process that takes until end is
// called: nothing that a test could make slow runs in one.
func (r *Rooms[M]) BroadcastSlowly(name string, msg M) (end func()) {
	room := r.find(name)
	room.beginTurn()
	room.sendAll(sized[M]{message: msg}, nil)
	return room.endTurn
}

// MemoryRooms returns how many rooms the log in memory has.
func MemoryRooms[M any](r *Rooms[M]) int {
	m := r.options.Log.(*memory)
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.rooms)
}

// PresenceRooms returns how many rooms a presence has in memory.
func PresenceRooms[P any](p *Presence[P]) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.rooms)
}

// FeedLater returns how many entries the feed of a room holds for later.
func FeedLater[M any](r *Rooms[M], name string) int {
	room := r.find(name)
	room.beginTurn()
	defer room.endTurn()
	room.feed.mu.Lock()
	defer room.feed.mu.Unlock()
	return len(room.feed.later)
}
