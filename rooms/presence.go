package rooms

import (
	"sync"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/gossip"
)

// Presence knows who is in which room, in all processes. A [Rooms] does not: its
// members are those of one process. The two are used side by side, and know nothing of
// each other.
//
// A person is a key of the program's own choice, such as an account or a name, and a
// visit is one connection of a person in a room. P is what the program wants to know of
// a visit. Each process tells the others of its own visits, and only of those.
//
// Make one with [NewPresence] and end it with [Presence.Close]. All methods are safe for
// concurrent use, and may be called from the hooks, except Close.
//
// # What it costs
//
// With a broker, a presence has one goroutine and one subscription. While nothing
// changes, it sends one short message each [PresenceOptions].Beat, however many people
// and rooms there are. Changes are sent at once, and bursts of them together. A process
// that starts, or that has missed something, asks the others and is sent what it lacks;
// everyone is sent such an answer.
//
// # What is not guaranteed
//
// Lists of different processes differ for as long as the network takes: a process that
// has just started knows only its own people. They also differ for as long as the
// network is broken: then each process lists the people whom it can still hear of. When
// the network has been whole for three beats, all list the same again. A process that
// ended without Close, or cannot be heard, keeps its people for up to three beats in
// the lists of the others. The hook is told of what changed since it was told last, and
// not of everything that happened in between.
//
// Times in the lists are by the clocks of the processes. Where two clocks differ, who
// seems to have come first may have come second; but all processes agree on it, and a
// visit never seems to be older than one of the same person that its process knew of.
//
// Whoever may publish to the broker can add people to the lists and hide others, until
// the process that it speaks for is heard again. It cannot stop a process, nor make one
// keep more than [PresenceOptions] allow. The broker has to say who may publish.
type Presence[P any] struct {
	options presenceConfig[P]
	id      gossip.ID

	mu       sync.Mutex // protects what follows; nothing that can block is done under it
	node     *gossip.Node
	rooms    map[string]*visits[P]
	expiry   *time.Timer // calls expire
	watching bool        // expiry is running
	closed   bool

	wake    chan struct{} // there may be something to publish
	quit    chan struct{} // closed by Close
	running sync.WaitGroup
}

// NewPresence makes a presence; nil options are the defaults. It panics on mistakes in
// the options. It does not block: the others are asked who is there as soon as the
// broker has subscribed.
func NewPresence[P any](o *PresenceOptions[P]) *Presence[P] {
	p := &Presence[P]{
		options: compilePresence(o),
		id:      gossip.ID(newOrigin()),
		rooms:   make(map[string]*visits[P]),
		wake:    make(chan struct{}, 1),
		quit:    make(chan struct{}),
	}
	p.node = gossip.New(p.id, p.options.Beat, p.options.limits())
	p.expiry = time.AfterFunc(p.options.Beat, p.expire)
	p.expiry.Stop()
	if p.options.Broker != nil {
		p.running.Go(p.run)
	}
	return p
}

// Enter says that a person is in a room, from now until [Visitor.Leave]. Any string is
// a room and a key. A person may enter a room several times, which makes as many
// visits, and any number of rooms. The lists of this process have the visit when Enter
// returns. Enter waits neither for the network nor for the hook.
//
// The value must not be changed afterwards. The error says that nothing was entered:
// [ErrPresenceFull], [ErrVisitTooLarge], [ErrPresenceClosed], or that of Encode.
func (p *Presence[P]) Enter(room, key string, value P) (*Visitor[P], error) {
	data, err := p.encode(room, key, value)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return nil, ErrPresenceClosed
	case p.node.Len() >= p.options.MaxVisits:
		return nil, ErrPresenceFull
	}
	since := p.now(room, key)
	number := p.node.Put(gossip.Entry{Since: since, Room: room, Key: key, Value: data})
	v := &Visitor[P]{presence: p, number: number, room: room, key: key}
	v.visit = Visit[P]{ID: visitID(p.id, number), Since: time.Unix(0, since), Value: value}
	p.set(room, key, v.visit)
	p.poke()
	return v, nil
}

// now is the time, but after that of every visit which the person has in the room
// already.
func (p *Presence[P]) now(room, key string) int64 {
	now := time.Now().UnixNano()
	if held := p.find(room, key); len(held) > 0 {
		if last := held[len(held)-1].Since.UnixNano(); last >= now {
			return max(last, last+1) // at the end of time, the same
		}
	}
	return now
}

// List returns who is in a room, each person once, in the order in which they came. It
// is the same in all processes that know the same. It waits for nothing. The visits in
// it are not to be changed.
func (p *Presence[P]) List(room string) []Person[P] {
	p.mu.Lock()
	list := p.rooms[room].list()
	p.mu.Unlock()
	sortPeople(list)
	return list
}

// Find returns the visits of one person to a room, the first first. There are none if the
// person is not in it. They are not to be changed.
//
// A name that only one may have is a key whose first visit has the name: after Enter, one
// that does not find itself first has to leave. Where two processes enter it at the same
// time, the hook is told, and all come to the same answer.
func (p *Presence[P]) Find(room, key string) []Visit[P] {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.find(room, key)
}

// Len returns how many people are in a room.
func (p *Presence[P]) Len(room string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rooms[room].len()
}

// Names returns the names of the rooms that have people in them, in no particular order.
func (p *Presence[P]) Names() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	names := make([]string, 0, len(p.rooms))
	for name, room := range p.rooms {
		if room.len() > 0 {
			names = append(names, name)
		}
	}
	return names
}

// Close ends the presence. The others are told, so that the people of this process leave
// their lists at once; the lists of this one are empty from now on. Close waits until the
// broker and the hook have returned, and the hook is not called again. It must not be
// called from a hook. More than one call does no harm.
func (p *Presence[P]) Close() {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		p.rooms = nil
		p.expiry.Stop()
		close(p.quit)
	}
	p.mu.Unlock()
	p.running.Wait()
}
