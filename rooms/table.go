package rooms

import "maps"

// table is a map that gives its memory back when most of its entries have gone, which a
// Go map never does. The zero value is ready. It has no lock of its own.
type table[K comparable, V any] struct {
	entries map[K]V
	most    int // how many there were since the map was made
}

// smallTable is how many entries are not worth a smaller map.
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

// delete removes key. It moves the rest to a smaller map when three quarters have gone:
// so all moves together cost less than one for each delete.
func (t *table[K, V]) delete(key K) {
	delete(t.entries, key)
	if n := len(t.entries); t.most > smallTable && n < t.most/4 {
		smaller := make(map[K]V, n)
		maps.Copy(smaller, t.entries)
		t.entries, t.most = smaller, n
	}
}
