package presence

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
)

// Change is what changed for one person in a room.
type Change[P any] struct {
	Key           string
	Before, After []Visit[P] // as in [Person]; at least one of them is not empty
}

// Entered reports whether the person was not in the room before.
func (c Change[P]) Entered() bool { return len(c.Before) == 0 }

// Left reports whether the person is not in the room any more.
func (c Change[P]) Left() bool { return len(c.After) == 0 }

// changed notes a change of one person for the hook, and starts the goroutine that calls
// it, unless that is running. A person who came and left since the last call is not
// reported. So it keeps only people who are here or whom the hook knows. The caller holds
// p.mu.
func (p *Presence[P]) changed(name string, room *visits[P], key string, before []Visit[P]) {
	if room.before == nil {
		room.before = make(map[string][]Visit[P])
	}
	known, noted := room.before[key]
	if !noted {
		known = before
	}
	if len(known) == 0 && len(room.people[key]) == 0 {
		delete(room.before, key)
		return
	}
	room.before[key] = known
	if !room.telling {
		room.telling = true
		p.running.Go(func() { p.tell(name, room) })
	}
}

// tell is the goroutine that calls the hook, until there is nothing to report or the
// presence is closed.
func (p *Presence[P]) tell(name string, room *visits[P]) {
	for changes := p.changes(name, room); len(changes) > 0; changes = p.changes(name, room) {
		p.callHook(name, changes)
	}
}

// callHook reports a panic of the hook: it costs the changes of that call.
func (p *Presence[P]) callHook(name string, changes []Change[P]) {
	err := recovered.Apart(func() error { p.options.OnChange(p, name, changes); return nil })
	if err != nil {
		p.options.OnError(fmt.Errorf("rooms: report changes in %q: %w", name, err))
	}
}

// changes takes the changes to report. If there are none, the goroutine ends, and the
// next change starts another.
func (p *Presence[P]) changes(name string, room *visits[P]) (all []Change[P]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	for key, before := range room.before {
		all = append(all, Change[P]{key, before, room.people[key]})
	}
	room.before = nil
	if len(all) == 0 {
		room.telling = false
		p.tidy(name, room)
	}
	slices.SortFunc(all, func(a, b Change[P]) int { return cmp.Compare(a.Key, b.Key) })
	return all
}
