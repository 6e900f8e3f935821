package gossip

import (
	"fmt"
	"slices"
	"testing"
)

// listOf makes a list of entries, one for each version.
func listOf(base uint64, whole bool, now uint64, entries ...Entry) *List {
	l := &List{Base: base, To: base, Whole: whole, Now: State{Version: now}}
	for _, e := range entries {
		l.To++
		e.Version = l.To
		l.Entries = append(l.Entries, e)
	}
	return l
}

func entry(number uint64, room, value string) Entry {
	return Entry{Number: number, Room: room, Key: "ann", Value: []byte(value)}
}

// described is changes as text, in order of the text: what is swept has none.
func described(changes []Change) (text []string) {
	for _, c := range changes {
		if c.Entry == nil {
			text = append(text, fmt.Sprint("-", c.Number, c.Room))
			continue
		}
		text = append(text, fmt.Sprint("+", c.Number, c.Room, string(c.Entry.Value)))
	}
	slices.Sort(text)
	return text
}

func TestReplica(t *testing.T) {
	tests := []struct {
		name    string
		list    *List
		want    string
		version uint64
	}{
		{"what is new", listOf(2, false, 4, entry(2, "a", "y"), entry(3, "b", "z")), "[+2ay +3bz]", 4},
		{"nothing new", listOf(2, false, 2), "[]", 2},
		{"a part that others need", listOf(0, false, 9, entry(1, "a", "old")), "[]", 2},
		{"removed", &List{Base: 2, To: 3, Now: State{Version: 3}, Removed: []uint64{1, 9}}, "[-1a]", 3},
		{"in another room", listOf(2, false, 3, entry(1, "c", "x")), "[+1cx -1a]", 3},
		{"whole, the same", listOf(0, true, 2, entry(1, "a", "x"), entry(2, "a", "x")), "[]", 2},
		{"whole, one less", listOf(0, true, 2, Entry{Number: 1, Room: "a", Key: "ann",
			Value: []byte("x")}, entry(3, "a", "x")), "[+3ax -2a]", 2},
		{"whole, none", listOf(0, true, 0), "[-1a -2a]", 0},
		{"whole, the first part", listOf(0, true, 5, entry(3, "a", "x")), "[+3ax]", 1},
	}
	limits := Limits{Entries: 2, EntrySize: 100, Bytes: 10_000}
	for _, test := range tests {
		var r replica
		r.restart()
		first := listOf(0, true, 2, entry(1, "a", "x"), entry(2, "a", "x"))
		if _, err := r.update(first, limits); err != nil {
			t.Fatalf("update = %v, want no error", err)
		}
		limits.Entries = 3
		if test.list.Whole {
			r.restart()
		}
		changes, err := r.update(test.list, limits)
		if got := fmt.Sprint(described(changes)); err != nil || got != test.want {
			t.Errorf("%s: update = %s, %v, want %s", test.name, got, err, test.want)
		}
		if r.Version != test.version {
			t.Errorf("%s: Version = %d, want %d", test.name, r.Version, test.version)
		}
	}
}

// Contract 12.3: entries that a whole list renews count, those that it has not mentioned
// yet do not.
func TestLimitOfWholeList(t *testing.T) {
	one, two := entry(1, "a", "x"), entry(2, "a", "x")
	three, four, five := entry(3, "a", "x"), entry(4, "a", "x"), entry(5, "a", "x")
	tests := []struct {
		name  string
		parts []*List
		want  error // of the last part
	}{
		{"other entries", []*List{listOf(0, true, 3, three, four, five)}, nil},
		{"renewed and new", []*List{listOf(0, true, 3, one, two, three)}, nil},
		{"too many", []*List{listOf(0, true, 4, one, two, three, four)}, errManyEntries},
		{"too many in two parts", []*List{
			listOf(0, true, 4, one, two), listOf(2, true, 4, three, four),
		}, errManyEntries},
	}
	limits := Limits{Entries: 3, EntrySize: 100, Bytes: 10_000}
	for _, test := range tests {
		var r replica
		r.restart()
		if _, err := r.update(listOf(0, true, 2, one, two), limits); err != nil {
			t.Fatalf("update = %v, want no error", err)
		}
		r.restart()
		for i, part := range test.parts {
			want := test.want
			if i < len(test.parts)-1 {
				want = nil
			}
			if _, err := r.update(part, limits); err != want {
				t.Errorf("%s: update with part %d = %v, want %v", test.name, i+1, err, want)
			}
		}
	}
}

// Contract 12.3: where the memory is used up, an entry may still change or shrink.
func TestMemoryOfChanges(t *testing.T) {
	tests := []struct {
		name  string
		entry Entry
		want  error
	}{
		{"as long as before", entry(1, "a", "y"), nil},
		{"shorter", entry(1, "a", ""), nil},
		{"longer", entry(1, "a", "xx"), errMemory},
		{"another", entry(2, "a", ""), errMemory},
	}
	for _, test := range tests {
		var r replica
		r.restart()
		limits := Limits{Entries: 3, EntrySize: 100, Bytes: 10_000}
		if _, err := r.update(listOf(0, true, 1, entry(1, "a", "x")), limits); err != nil {
			t.Fatalf("update = %v, want no error", err)
		}
		limits.Bytes = 0
		if _, err := r.update(listOf(1, false, 2, test.entry), limits); err != test.want {
			t.Errorf("%s: update = %v, want %v", test.name, err, test.want)
		}
	}
}
