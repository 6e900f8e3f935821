package rooms

import (
	"maps"
)

// table is a map that frees memory when most of its entries are deleted; a Go map never
// does. The zero value is ready to use. It has no lock.
type table[K comparable, V any] struct {
	entries map[K]V
	most    int // the most entries since the map was made
}

// smallTable is the number of entries up to which freeing memory is not worth it.
const smallTable = 64

func (t *table[K, V]) get(key K) (V, bool) {
	value, ok := t.entries[key]
	return value, ok
}

func (t *table[K, V]) len() int { return len(t.entries) }

func (t *table[K, V]) set(key K, value V) {
	if t.entries == nil {
		t.entries = make(map[K]V)
	}
	t.entries[key] = value
	t.most = max(t.most, len(t.entries))
}

// delete removes key. When three quarters of the entries are gone, it copies the rest
// to a smaller map. On average that copies less than one entry per delete.
func (t *table[K, V]) delete(key K) {
	delete(t.entries, key)
	if n := len(t.entries); t.most > smallTable && n < t.most/4 {
		smaller := make(map[K]V, n)
		maps.Copy(smaller, t.entries)
		t.entries, t.most = smaller, n
	}
}
