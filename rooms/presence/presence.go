// Package presence lists the people in each room, in all processes, as values of a type
// that the program chooses. A hook reports who comes and goes.
//
//	var people = presence.New(&presence.Options[Profile]{OnChange: announce})
//
//	visitor, err := people.Enter("lobby", profile.Name, profile)
//	if err != nil {
//		return
//	}
//	defer visitor.Leave()
//
// Any number of goroutines, and the hooks, may call everything, with one exception: a
// hook must not call [Presence.Close].
package presence

import (
	"crypto/rand"
	"slices"
	"sync"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/presence/internal/gossip"
)

// Presence lists who is in which room, in all processes. A [rooms.Rooms] lists only the members
// in its own process. Use the two side by side; they are independent of each other.
//
// A person is a key that the program chooses, such as an account or a name. A visit is
// one connection of a person in a room. P is the type of the value that the program
// attaches to a visit. Each process tells the others about its own visits only.
//
// Make a Presence with [New] and end it with [Presence.Close]. All methods are
// safe for concurrent use. The hooks may call all of them except Close.
//
// # What it costs
//
// With a broker, a Presence has one goroutine and one subscription. While nothing
// changes, it sends one short message every [Options].Beat, however many people
// and rooms there are. A change is sent at once, and a burst of changes in one message.
// A process that starts, or that has missed something, asks the others for what it
// lacks. Their answers go to all processes.
//
// # What is not guaranteed
//
// The lists of two processes can differ while a message is on its way; a process that has
// just started knows only its own people. They also differ while the network is broken:
// each process lists the people that it can still hear of. Three beats after the network
// is back, all lists are the same again. If a process ends without Close, or cannot be
// heard, the others list its people for up to three more beats. The hook gets what has
// changed since its last call, not everything that happened in between.
//
// Each process sets the times of its visits by its own clock. If two clocks differ, a
// later visit may seem to be the first. But all processes agree on the order, and a new
// visit never seems older than one of the same person that its process already knew.
//
// Anyone who can publish to the broker can add people to the lists, and can hide people
// of a process until that process is heard again. They cannot stop a process, or make
// it keep more than [Options] allow. Restrict who may publish in the broker.
type Presence[P any] struct {
	options config[P]
	id      gossip.ID

	mu       sync.Mutex // protects the fields below; nothing that can block runs under it
	node     *gossip.Node
	rooms    map[string]*visits[P]
	expiry   *time.Timer // calls expire
	watching bool        // expiry is running
	closed   bool

	wake    chan struct{} // there may be something to publish
	quit    chan struct{} // closed by Close
	running sync.WaitGroup
}

// New makes a Presence; nil options mean the defaults. It panics if the options
// contain a mistake. It does not block: once the broker has subscribed, it asks the other
// processes who is there.
func New[P any](o *Options[P]) *Presence[P] {
	p := &Presence[P]{
		options: compile(o),
		rooms:   make(map[string]*visits[P]),
		wake:    make(chan struct{}, 1),
		quit:    make(chan struct{}),
	}
	rand.Read(p.id[:]) // never fails
	p.node = gossip.New(p.id, p.options.Beat, p.options.limits())
	p.expiry = time.AfterFunc(p.options.Beat, p.expire)
	p.expiry.Stop()
	if p.options.Broker != nil {
		p.running.Go(p.run)
	}
	return p
}

// Enter begins a visit of a person to a room; [Visitor.Leave] ends it. Any string can
// be a room or a key. A person can have several visits to one room, and be in any
// number of rooms. When Enter returns, the lists of this process have the visit. Enter
// waits neither for the network nor for the hook.
//
// Do not change the value afterwards. If there is an error, nothing was entered. It is
// [ErrFull], [ErrVisitTooLarge], [ErrClosed], or Encode's.
func (p *Presence[P]) Enter(room, key string, value P) (*Visitor[P], error) {
	data, err := p.encode(room, key, value)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return nil, ErrClosed
	case p.node.Len() >= p.options.MaxVisits:
		return nil, ErrFull
	}
	since := p.now(room, key)
	number := p.node.Put(gossip.Entry{Since: since, Room: room, Key: key, Value: data})
	v := &Visitor[P]{presence: p, number: number, room: room, key: key}
	v.visit = Visit[P]{ID: visitID(p.id, number), Since: time.Unix(0, since), Value: value}
	p.set(room, key, v.visit)
	p.poke()
	return v, nil
}

// now returns the time for a new visit. It is later than all visits that the person
// already has in the room.
func (p *Presence[P]) now(room, key string) int64 {
	now := time.Now().UnixNano()
	if held := p.find(room, key); len(held) > 0 {
		if last := held[len(held)-1].Since.UnixNano(); last >= now {
			return max(last, last+1) // at the end of time, the same
		}
	}
	return now
}

// List returns the people in a room, each once, in the order in which they came.
// Processes that know the same visits return the same list. It does not block. Do not
// change the visits.
func (p *Presence[P]) List(room string) []Person[P] {
	p.mu.Lock()
	list := p.rooms[room].list()
	p.mu.Unlock()
	slices.SortFunc(list, func(a, b Person[P]) int { return byTime(a.Visits[0], b.Visits[0]) })
	return list
}

// Find returns the visits of one person to a room, the oldest first, or none if the
// person is not in the room. Do not change the visits.
//
// To let only one visitor have a name, use the name as key: it belongs to the first
// visit. A visitor that does not find its own visit first, after Enter or in OnChange,
// must leave. If two processes enter the same name at once, all agree on which visit is
// first.
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

// Stats holds numbers about a [Presence], in all processes.
type Stats struct {
	Rooms  int // rooms that have people in them
	People int // people in all rooms; who is in two rooms counts twice
}

// Stats returns the numbers of this moment. It takes time in proportion to the number of
// rooms.
func (p *Presence[P]) Stats() (s Stats) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, room := range p.rooms {
		if n := room.len(); n > 0 {
			s.Rooms++
			s.People += n
		}
	}
	return s
}

// Close ends the presence. It tells the other processes, so that the people of this one
// leave their lists at once. The lists of this process are empty from now on. Close waits
// until the broker and the hook have returned; the hook is not called again. Do not call
// Close from a hook. Calling it again is allowed.
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
