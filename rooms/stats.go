package rooms

import (
	"sync/atomic"
)

// Stats holds numbers about the rooms in this process. The first three are of the moment;
// the others count since [New].
type Stats struct {
	Rooms   int // rooms that have members
	Members int // members of all rooms
	Behind  int // members with a backlog, each with a goroutine

	Removed     uint64 // members removed, for whatever reason
	Undecodable uint64 // messages from other processes that could not be decoded
	Failed      uint64 // errors of the broker or the log, and of encoding for them
	Replaced    uint64 // messages that one member each skipped, see Options.Latest
}

// counters are the numbers that Stats reads. All rooms share them, so that Stats need not
// lock each room.
type counters struct {
	members, behind              atomic.Int64
	joined                       atomic.Uint64 // ever
	removed, undecodable, failed atomic.Uint64
	replaced                     atomic.Uint64
}

// Stats returns the numbers. While rooms are in use, they may differ by a moment.
func (r *Rooms[M]) Stats() Stats {
	r.mu.RLock()
	rooms := r.rooms.Len()
	r.mu.RUnlock()
	return Stats{
		Rooms:       rooms,
		Members:     int(r.counts.members.Load()),
		Behind:      int(r.counts.behind.Load()),
		Removed:     r.counts.removed.Load(),
		Undecodable: r.counts.undecodable.Load(),
		Failed:      r.counts.failed.Load(),
		Replaced:    r.counts.replaced.Load(),
	}
}
