package main

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// person is someone in a room, as the nodes know them.
type person struct {
	ID    string `json:"id"` // made from the name and the page's key: the same after a reconnect, also on another node
	Name  string `json:"name"`
	Since int64  `json:"since"` // when this connection came in, in nanoseconds
}

// yields reports whether p has to give up the name to q, who has the same. All nodes come to the same answer: who was
// first keeps a name, but a person's newer connection takes the place of the older.
func (p person) yields(q person) bool {
	switch {
	case p.ID == q.ID:
		return p.Since < q.Since
	case p.Since != q.Since:
		return p.Since > q.Since
	}
	return p.ID > q.ID
}

// report is who is in a room at another node, as that node last said.
type report struct {
	version uint64
	heard   time.Time
	people  []person
}

// here is who is in the room on all nodes: the names, found by their folded form. The caller holds r.mu.
func (r *room) here() map[string]string {
	names := make(map[string]string)
	for _, other := range r.others {
		for _, p := range other.people {
			names[fold(p.Name)] = p.Name
		}
	}
	for key, g := range r.guests {
		names[key] = g.Name
	}
	return names
}

// holder finds who has a name on any node. The caller holds r.mu.
func (r *room) holder(key string) (p person, found bool) {
	if g := r.guests[key]; g != nil {
		return g.person, true
	}
	for _, other := range r.others {
		for _, p := range other.people {
			if fold(p.Name) == key {
				return p, true
			}
		}
	}
	return p, false
}

// change does something to who is here, and tells the people of this node what became of it. Lines come from comparing, so a person
// who reconnects before anyone has noticed makes none; nor does a node that sends everybody away. The caller holds r.mu.
func (r *room) change(do func()) {
	if r.chat.ending.Load() {
		do()
		return
	}
	before := r.here()
	do()
	after := r.here()
	r.announce(kindLeft, before, after, after)
	r.announce(kindJoined, after, before, after)
}

// announce tells of everybody who is in one list and not in the other.
func (r *room) announce(kind string, in, notIn, now map[string]string) {
	for key, name := range in {
		if _, ok := notIn[key]; !ok {
			r.chat.people.Broadcast(r.name, &Message{Kind: kind, Name: name, Time: r.clock(), People: sorted(now)})
		}
	}
}

func sorted(names map[string]string) []string {
	return slices.SortedFunc(maps.Values(names), func(a, b string) int {
		return strings.Compare(strings.ToLower(a)+a, strings.ToLower(b)+b)
	})
}
