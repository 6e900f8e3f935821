package presence

import (
	"cmp"
	"slices"
)

// Person is somebody in a room.
type Person[P any] struct {
	Key    string
	Visits []Visit[P] // at least one, in the order in which they began
}

// visits holds the visits to one room. A slice of visits is never changed, only replaced,
// because callers of List and the hook have it too.
type visits[P any] struct {
	people  map[string][]Visit[P] // by key; no slice is empty
	before  map[string][]Visit[P] // people to report, with the visits that the hook knows
	telling bool                  // the goroutine that calls the hook is running
}

func (v *visits[P]) len() int {
	if v == nil {
		return 0
	}
	return len(v.people)
}

func (v *visits[P]) list() []Person[P] {
	list := make([]Person[P], 0, v.len())
	if v != nil {
		for key, held := range v.people {
			list = append(list, Person[P]{key, held})
		}
	}
	return list
}

// byTime orders visits. The order is the same in all processes.
func byTime[P any](a, b Visit[P]) int {
	return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.ID, b.ID))
}

// find is Find. The caller holds p.mu.
func (p *Presence[P]) find(room, key string) []Visit[P] {
	if found := p.rooms[room]; found != nil {
		return found.people[key]
	}
	return nil
}

// set adds a visit, or replaces the one with the same ID. The caller holds p.mu.
func (p *Presence[P]) set(room, key string, visit Visit[P]) {
	held := without(p.find(room, key), visit.ID)
	at, _ := slices.BinarySearchFunc(held, visit, byTime)
	p.replace(room, key, slices.Insert(held, at, visit))
}

// unset removes a visit, if it is there. The caller holds p.mu.
func (p *Presence[P]) unset(room, key, id string) {
	held := p.find(room, key)
	if left := without(held, id); len(left) < len(held) {
		p.replace(room, key, left)
	}
}

// without copies the visits, except one.
func without[P any](held []Visit[P], id string) []Visit[P] {
	left := make([]Visit[P], 0, len(held)+1)
	for _, visit := range held {
		if visit.ID != id {
			left = append(left, visit)
		}
	}
	return left
}

// replace sets the visits of one person, and reports the change to the hook.
func (p *Presence[P]) replace(name, key string, now []Visit[P]) {
	room := p.rooms[name]
	if room == nil {
		room = &visits[P]{people: make(map[string][]Visit[P])}
		p.rooms[name] = room
	}
	before := room.people[key]
	if len(now) > 0 {
		room.people[key] = now
	} else {
		delete(room.people, key)
	}
	if p.options.OnChange != nil {
		p.changed(name, room, key, before)
	}
	p.tidy(name, room)
}

// tidy drops a room with no people and nothing to report.
func (p *Presence[P]) tidy(name string, room *visits[P]) {
	if room.len() == 0 && !room.telling {
		delete(p.rooms, name)
	}
}
