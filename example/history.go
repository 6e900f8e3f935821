package main

import (
	"cmp"
	"hash/fnv"
	"slices"
)

// history is the last messages of a room, each once, oldest first. By time and then by id: so all nodes and all pages show
// the same order, whichever way a message came. Its slice may be handed out: it is replaced, never written to.
type history []*Message

// add takes a message in, and reports whether it is new. One that is older than all of a full history is not.
func (h *history) add(m *Message) bool {
	if slices.ContainsFunc(*h, func(old *Message) bool { return old.ID == m.ID }) {
		return false
	}
	at, _ := slices.BinarySearchFunc(*h, m, byTime)
	if at == 0 && len(*h) >= maxHistory {
		return false
	}
	all := slices.Insert(slices.Clone(*h), at, m)
	*h = all[max(0, len(all)-maxHistory):]
	return true
}

func byTime(a, b *Message) int {
	return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.ID, b.ID))
}

// latest is the time of the last message, zero before the first.
func (h history) latest() int64 {
	if len(h) == 0 {
		return 0
	}
	return h[len(h)-1].Time
}

// digest tells histories with different messages apart, whatever their order.
func (h history) digest() (sum uint64) {
	for _, m := range h {
		f := fnv.New64a()
		f.Write([]byte(m.ID))
		sum ^= f.Sum64()
	}
	return sum
}
