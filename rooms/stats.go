package rooms

import "sync/atomic"

// Stats are numbers about rooms in this process. The first three are of the moment, the
// others count from [New] on.
type Stats struct {
	Rooms   int // that have members
	Members int // of all rooms
	Behind  int // members with a backlog, each with a goroutine

	Removed     uint64 // members removed, for whatever reason
	Undecodable uint64 // messages from other processes that could not be decoded
	Failed      uint64 // errors of the broker, and of encoding for it
}

// counters are what Stats reads. They are of the whole Rooms, so that counting takes no
// lock.
type counters struct {
	members, behind              atomic.Int64
	joined                       atomic.Uint64 // ever
	removed, undecodable, failed atomic.Uint64
}

// Stats returns the numbers. While rooms are in use, they need not be of the same
// instant.
func (r *Rooms[M]) Stats() Stats {
	r.mu.RLock()
	rooms := r.rooms.len()
	r.mu.RUnlock()
	return Stats{
		Rooms:       rooms,
		Members:     int(r.counts.members.Load()),
		Behind:      int(r.counts.behind.Load()),
		Removed:     r.counts.removed.Load(),
		Undecodable: r.counts.undecodable.Load(),
		Failed:      r.counts.failed.Load(),
	}
}
