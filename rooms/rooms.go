package rooms

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/beatrichartz/martini-sockets/rooms/internal/table"
)

// Rooms is a set of rooms for messages of type M. Rooms are found by name, and any string
// is a name. A room exists while it has members, and takes no memory after that. Make a
// Rooms with [New], or with [NewOnLog]. All methods are safe for concurrent use.
type Rooms[M any] struct {
	options config[M]
	carrier carrier[M]
	counts  counters

	mu    sync.RWMutex // protects rooms
	rooms table.Table[string, *room[M]]
}

// New makes a Rooms; nil options mean the defaults. It starts nothing, and there is
// nothing to close. It panics if the options contain a mistake, see [Options].Encode.
func New[M any](o *Options[M]) *Rooms[M] {
	r := newRooms(compile(o, false))
	if broker := r.options.Broker; broker != nil {
		r.carrier = newOnBroker(r, broker)
	} else {
		r.carrier = inProcess[M]{r}
	}
	return r
}

// newRooms makes a Rooms without a carrier.
func newRooms[M any](c config[M]) *Rooms[M] { return &Rooms[M]{options: c} }

// Join makes sender a member of the named room, and returns the membership; end it with
// [Member.Leave]. From now on every broadcast to the room is sent on sender, which may
// be unbuffered. If the member is removed, 1013 is sent on disconnect. Give that
// channel a capacity of at least 1, because the send does not wait. It may be nil; then
// only OnRemove reports the removal. attached can be any value: [Rooms.Members] returns
// it, and OnRemove gets it. If it has a method Close(code int, reason string) error, such
// as *sockets.Connection or a struct that embeds one, a removal calls that with 1013 and
// the reason instead of using disconnect.
//
// The error is [ErrNoSender] or [ErrJoined], a mistake of the caller, or the error of a
// log that cannot be followed. If a broker cannot subscribe, Join returns no error: the
// member joins in this process, OnError gets the broker's error, and subscribing is tried
// again.
//
// Join never waits for a broadcast, unless [Options].Retain is set. Without a broker or a
// log it does not block. With one, the first to join a room waits for it to subscribe or
// follow, and so does everyone who joins the room in the meantime; they share the outcome.
// Nobody waits for more than six seconds, even if the broker or the log never returns.
// Broadcasts do not wait.
func (r *Rooms[M]) Join(
	name string, sender chan<- M, disconnect chan<- int, attached any,
) (*Member[M], error) {
	m := &Member[M]{sender: sender, disconnect: disconnect, attached: attached}
	if err := r.join(name, m); err != nil {
		return nil, err
	}
	return m, nil
}

func (r *Rooms[M]) join(name string, m *Member[M]) error {
	if m.sender == nil {
		return ErrNoSender
	}
	if err := r.enter(name, m); err != nil {
		return err
	}
	if r.options.Retain { // do not let it wait for the next broadcast
		m.room.beginTurn()
		m.room.endTurn()
	}
	return r.carrier.joined(m)
}

// Broadcast sends msg to all members of the named room, from outside any connection. It
// never waits for a member. It is not an error if the room has no members here: with a
// broker, other processes may have some.
//
// If the error wraps [ErrUnsendable], nobody gets msg; without a broker or a log there is
// no other error. With a broker, any other error means that msg could not be published for
// other processes; the members in this process have been sent it already. Broadcast then
// waits for Broker.Publish, for at most a second; after that the error wraps
// [ErrSlowBroker]. With a log, Broadcast is [LogRooms.Say] with a new id. OnError gets the
// same error.
func (r *Rooms[M]) Broadcast(name string, msg M) error {
	return r.BroadcastExcept(name, msg, nil)
}

// BroadcastExcept is like [Rooms.Broadcast] to all but one member. If except is nil or
// not in the room, it leaves out nobody.
func (r *Rooms[M]) BroadcastExcept(name string, msg M, except *Member[M]) error {
	return r.carrier.send(name, msg, except)
}

// Len returns how many members the named room has in this process.
func (r *Rooms[M]) Len(name string) int {
	if room := r.find(name); room != nil {
		return room.len()
	}
	return 0
}

// Members returns the values attached to the members of the named room in this process,
// in no particular order.
func (r *Rooms[M]) Members(name string) []any {
	if room := r.find(name); room != nil {
		return room.attached()
	}
	return nil
}

// Names returns the names of the rooms that have members in this process, in no
// particular order. It may include a room whose last member is leaving at the moment.
func (r *Rooms[M]) Names() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Collect(maps.Keys(r.rooms.All()))
}

func (r *Rooms[M]) find(name string) *room[M] {
	r.mu.RLock()
	defer r.mu.RUnlock()
	found, _ := r.rooms.Get(name)
	return found
}

// enter makes m a member of the named room, and opens the room if necessary.
func (r *Rooms[M]) enter(name string, m *Member[M]) error {
	r.counts.members.Add(1) // first: a broadcast may remove m at once
	m.number = r.counts.joined.Add(1)
	for {
		m.room = r.open(name, m.room)
		joined, err := m.room.add(m)
		if err != nil {
			r.counts.members.Add(-1)
		}
		if joined || err != nil {
			return err
		}
	}
}

// open returns the named room. It makes a new one if there is none, or only the dead one.
func (r *Rooms[M]) open(name string, dead *room[M]) *room[M] {
	r.mu.Lock()
	defer r.mu.Unlock()
	if found, ok := r.rooms.Get(name); ok && found != dead {
		return found
	}
	opened := &room[M]{rooms: r, name: name}
	r.rooms.Set(name, opened)
	return opened
}

// forget removes a dead room, unless another room has its name already.
func (r *Rooms[M]) forget(room *room[M]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if found, _ := r.rooms.Get(room.name); found == room {
		r.rooms.Delete(room.name)
	}
}

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
