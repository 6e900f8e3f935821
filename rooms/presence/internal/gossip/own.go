package gossip

import (
	"container/list"
	"sort"
)

// own holds the entries of this process.
type own struct {
	State
	numbers uint64 // the last number given to an entry
	entries map[uint64]*list.Element
	order   list.List // of *owned, by version

	graves []grave // of removed entries, by version
	memory int     // how many graves are kept
	floor  uint64  // removals up to this version may be forgotten
	sent   uint64  // changes up to this version were announced to all
	told   uint64  // changes up to this version were in some list; at least sent
}

type owned struct {
	Entry
	hash uint64
	born uint64 // the first version with it
}

type grave struct{ number, version uint64 }

// put changes the value of the entry with that number. If there is none, it adds the
// entry and gives it a number. It returns the number.
func (o *own) put(e Entry) uint64 {
	o.Version++
	e.Version = o.Version
	if found := o.entries[e.Number]; found != nil {
		o.change(found, e.Value)
		return e.Number
	}
	o.numbers++
	e.Number = o.numbers
	added := &owned{Entry: e, hash: e.hash(), born: e.Version}
	o.entries[e.Number] = o.order.PushBack(added)
	o.Digest += added.hash
	return e.Number
}

func (o *own) change(found *list.Element, value []byte) {
	e := found.Value.(*owned)
	o.Digest -= e.hash
	e.Value, e.Version = value, o.Version
	e.hash = e.Entry.hash()
	o.Digest += e.hash
	o.order.MoveToBack(found)
}

// remove removes an entry. It leaves a grave only if the entry was in some list.
func (o *own) remove(number uint64) {
	found := o.entries[number]
	if found == nil {
		return
	}
	o.Version++
	e := o.order.Remove(found).(*owned)
	o.Digest -= e.hash
	delete(o.entries, number)
	if e.born <= o.told {
		o.graves = append(o.graves, grave{number, o.Version})
	}
	o.trim()
}

// trim forgets the oldest removals, but none that was not announced yet.
func (o *own) trim() {
	for len(o.graves) > o.memory && o.graves[0].version <= o.sent {
		o.floor = o.graves[0].version
		o.graves = o.graves[1:]
	}
}

// part lists what changed after base, up to limit bytes, but at least one change if there
// is any. It lists only removals that also happened after since.
func (o *own) part(base, since uint64, limit int) *List {
	l := &List{Base: base, To: o.Version, Now: o.State}
	next := o.after(base)
	graves := o.gravesAfter(max(base, since))
	for size := 0; next != nil || len(graves) > 0; {
		version, cost := o.first(next, graves)
		if size += cost; size > limit && size > cost {
			break
		}
		l.To = version
		if len(graves) > 0 && graves[0].version == version {
			l.Removed = append(l.Removed, graves[0].number)
			graves = graves[1:]
			continue
		}
		l.Entries = append(l.Entries, next.Value.(*owned).Entry)
		next = next.Next()
	}
	if next == nil && len(graves) == 0 {
		l.To = o.Version
	}
	o.told = max(o.told, l.To)
	return l
}

// first returns the version of the first change, and its size in a message.
func (o *own) first(next *list.Element, graves []grave) (version uint64, cost int) {
	if next == nil {
		return graves[0].version, entryHead
	}
	e := next.Value.(*owned)
	if len(graves) > 0 && graves[0].version < e.Version {
		return graves[0].version, entryHead
	}
	return e.Version, e.size()
}

// after finds the first entry that changed after base. It searches from the end, where
// that entry usually is.
func (o *own) after(base uint64) *list.Element {
	var found *list.Element
	for e := o.order.Back(); e != nil && e.Value.(*owned).Version > base; e = e.Prev() {
		found = e
	}
	return found
}

func (o *own) gravesAfter(version uint64) []grave {
	i := sort.Search(len(o.graves), func(i int) bool { return o.graves[i].version > version })
	return o.graves[i:]
}
