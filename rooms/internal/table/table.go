// Package table has a map that frees its memory.
package table

import (
	"maps"
)

// Table is a map that frees memory when most of its entries are deleted; a Go map never
// does. The zero value is ready to use. It has no lock.
type Table[K comparable, V any] struct {
	entries map[K]V
	most    int // the most entries since the map was made
}

// Small is the number of entries up to which freeing memory is not worth it.
const Small = 64

// Get returns the value of a key, if there is one.
func (t *Table[K, V]) Get(key K) (V, bool) {
	value, ok := t.entries[key]
	return value, ok
}

// Len returns the number of entries.
func (t *Table[K, V]) Len() int { return len(t.entries) }

// All returns the entries. Do not change them.
func (t *Table[K, V]) All() map[K]V { return t.entries }

// Set adds an entry, or replaces it.
func (t *Table[K, V]) Set(key K, value V) {
	if t.entries == nil {
		t.entries = make(map[K]V)
	}
	t.entries[key] = value
	t.most = max(t.most, len(t.entries))
}

// Delete removes key. When three quarters of the entries are gone, it copies the rest
// to a smaller map. On average that copies less than one entry per delete.
func (t *Table[K, V]) Delete(key K) {
	delete(t.entries, key)
	if n := len(t.entries); t.most > Small && n < t.most/4 {
		smaller := make(map[K]V, n)
		maps.Copy(smaller, t.entries)
		t.entries, t.most = smaller, n
	}
}
