package rooms

// carrier brings what is said in a room to its members, in this process and in others.
// Everything else about rooms knows no more of brokers and logs than this. DESIGN.md walks
// through it.
type carrier[M any] interface {
	// open begins to bring a room what other processes say. The caller has a turn of the
	// room's link, and does not open a room twice. If open fails, the caller tries again
	// later, as long as the room has members.
	open(room *room[M]) error

	// close ends what open began. The caller has a turn of the room's link. Even if close
	// fails, the room counts as closed.
	close(room *room[M]) error

	// joined is called for each new member. It opens the room if necessary. If it returns
	// an error, the member has left again.
	joined(m *Member[M]) error

	// send sends msg to all members of the named room except one, which may be nil. It
	// does not wait for a member. What it cannot send, it has reported.
	send(name string, msg M, except *Member[M]) error
}

// inProcess is the carrier without a network: a room has no other members than those of
// this process.
type inProcess[M any] struct{ *Rooms[M] }

func (inProcess[M]) open(*room[M]) error { return nil }

func (inProcess[M]) close(*room[M]) error { return nil }

func (inProcess[M]) joined(*Member[M]) error { return nil }

func (c inProcess[M]) send(name string, msg M, except *Member[M]) error {
	sized, _, err := c.prepare(name, msg)
	if err != nil {
		return err
	}
	c.deliver(name, sized, except)
	return nil
}

// deliver gives a message to the members of this process.
func (r *Rooms[M]) deliver(name string, msg sized[M], except *Member[M]) {
	if room := r.find(name); room != nil {
		room.send(msg, except)
	}
}
