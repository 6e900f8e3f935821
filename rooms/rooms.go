package rooms

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/beatrichartz/martini-sockets/rooms/internal/line"
)

// Rooms are any number of rooms for messages of type M, found by name; any string is a
// name. A room is there as long as it has members, and takes no memory without them. Make
// one with [New]. All methods are safe for concurrent use.
type Rooms[M any] struct {
	options  config[M]
	origin   origin
	counts   counters
	prompt   bool // the broker is; if not, what goes to it waits in lines
	outgoing *line.Lines

	mu    sync.RWMutex // protects rooms
	rooms table[string, *room[M]]
}

// New makes rooms; nil options are the defaults. It starts nothing, and there is nothing
// to close. It panics on mistakes in the options, see [Options].Encode.
func New[M any](o *Options[M]) *Rooms[M] {
	c := compile(o)
	return &Rooms[M]{
		options:  c,
		origin:   newOrigin(),
		prompt:   isPrompt(c.Broker),
		outgoing: line.NewLines(networkWait, ErrSlowBroker),
	}
}

// Join makes a sender a member of the named room, and returns the membership; see
// [Member.Leave] for its end. From now on everything that is broadcast in the room is
// sent on sender, which may be unbuffered. A member that is removed gets 1013 on
// disconnect; that channel should have a capacity of at least 1, since nobody waits for
// it to be taken. It may be nil; then only OnRemove reports the removal. Any value can be
// attached: [Rooms.Members] and the hooks hand it out again.
//
// The error is [ErrNoSender] or [ErrJoined], a mistake of the caller. A broker that
// cannot subscribe is no error: the member joins in this process, OnError is told, and
// subscribing is tried again by itself.
//
// Join waits for no broadcast. Without a broker it does not block. With one, the first to
// join a room waits for Broker.Subscribe, and so does everybody who joins it meanwhile;
// broadcasts do not wait.
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
	if r.options.Log != nil {
		return r.settleOrLeave(m)
	}
	if r.options.Broker != nil {
		r.settle(m.room)
	}
	return nil
}

// Broadcast sends msg to all members of the named room, from outside any connection. It
// never waits for a member. A room that has no members here is no error: with a broker,
// other processes may have some.
//
// The error is about other processes only: msg could not be encoded or published. The
// members of this process have been served before. OnError is told the same. Without a
// broker it is always nil. With one, Broadcast waits for Broker.Publish, but no longer
// than a second: then the error is [ErrSlowBroker].
func (r *Rooms[M]) Broadcast(name string, msg M) error {
	return r.BroadcastExcept(name, msg, nil)
}

// BroadcastExcept is like [Rooms.Broadcast] to all but one member. A nil member, and one
// that is not in the room, changes nothing.
func (r *Rooms[M]) BroadcastExcept(name string, msg M, except *Member[M]) error {
	if r.options.Log != nil {
		_, err := r.say(context.Background(), name, "", msg, except)
		return err
	}
	if room := r.find(name); room != nil {
		room.send(r.measure(msg), except)
	}
	if r.options.Broker == nil {
		return nil
	}
	return r.publish(name, msg)
}

// Len returns how many members the named room has in this process.
func (r *Rooms[M]) Len(name string) int {
	if room := r.find(name); room != nil {
		return room.len()
	}
	return 0
}

// Members returns what the members of the named room in this process have attached, in no
// particular order.
func (r *Rooms[M]) Members(name string) []any {
	if room := r.find(name); room != nil {
		return room.attached()
	}
	return nil
}

// Names returns the names of the rooms that have members in this process, in no
// particular order. It may still name a room whose last member is just leaving.
func (r *Rooms[M]) Names() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Collect(maps.Keys(r.rooms.entries))
}

func (r *Rooms[M]) find(name string) *room[M] {
	r.mu.RLock()
	defer r.mu.RUnlock()
	found, _ := r.rooms.get(name)
	return found
}

// enter makes m a member of the named room, which it opens if there is none.
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

// open returns the named room, a new one if there is none but the one that has died.
func (r *Rooms[M]) open(name string, dead *room[M]) *room[M] {
	r.mu.Lock()
	defer r.mu.Unlock()
	if found, ok := r.rooms.get(name); ok && found != dead {
		return found
	}
	opened := &room[M]{rooms: r, name: name}
	r.rooms.set(name, opened)
	return opened
}

// forget frees a room that has died, unless another has its name already.
func (r *Rooms[M]) forget(room *room[M]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if found, _ := r.rooms.get(room.name); found == room {
		r.rooms.delete(room.name)
	}
}
