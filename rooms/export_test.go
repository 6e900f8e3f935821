package rooms

// BroadcastSlowly is a broadcast to the members of this process that takes until end is
// called: nothing that a test could make slow runs in one.
func (r *Rooms[M]) BroadcastSlowly(name string, msg M) (end func()) {
	room := r.find(name)
	room.beginTurn()
	room.sendAll(sized[M]{message: msg}, nil)
	return room.endTurn
}

// FeedLater returns how many bytes the feed of a room holds for later.
func FeedLater[M any](r *Rooms[M], name string) int {
	room := r.find(name)
	if room == nil {
		return 0
	}
	room.beginTurn()
	defer room.endTurn()
	room.feed.mu.Lock()
	defer room.feed.mu.Unlock()
	return room.feed.later.bytes
}

// Tallies returns how many rooms have a tally of what was published.
func Tallies[M any](r *Rooms[M]) int {
	s := &r.carrier.(*onBroker[M]).tallies
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rooms.Len()
}
