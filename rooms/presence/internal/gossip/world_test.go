package gossip

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// world is a simulated network of nodes, with a clock of its own. Everything that
// happens in it follows from the seed.
type world struct {
	t      *testing.T
	random *rand.Rand
	now    time.Time
	lives  []*life
	flying []flight
	sent   map[int]int // messages by kind
	size   int         // of the longest message
	faults faults
}

// faults are how likely things go wrong with one message on its way to one node.
type faults struct{ lose, repeat, delay float64 }

// flight is a message on its way.
type flight struct {
	arrives  time.Time
	from, to *life
	data     []byte
}

// life is one process, from its start to its end.
type life struct {
	*Node
	side   int // of the partition
	dead   bool
	died   time.Time
	closed bool
	mine   map[uint64]string
	view   map[ID]map[uint64]string // of the others, made of changes alone
	expiry time.Time
	errs   int
	deafTo func(*life, *Message) // a fault, in some tests
}

const testBeat = time.Second

// tick is the world's smallest step.
const tick = testBeat / 128

func newWorld(t *testing.T, seed uint64) *world {
	return &world{
		t: t, random: rand.New(rand.NewPCG(seed, 0)), now: time.Unix(1e9, 0),
		sent: make(map[int]int),
	}
}

// generous are limits that nothing in the world meets, but for small parts.
var generous = Limits{Entries: 1 << 20, EntrySize: 1 << 10, Bytes: 1 << 30, Part: 400}

func (w *world) start(limits Limits) *life {
	l := &life{Node: New(w.id(), testBeat, limits), mine: make(map[uint64]string),
		view: make(map[ID]map[uint64]string), deafTo: deafTo()}
	l.own.memory = 8
	w.lives = append(w.lives, l)
	return l
}

func (w *world) id() (id ID) {
	for i := range id {
		id[i] = byte(w.random.IntN(256))
	}
	return id
}

func (w *world) chance(p float64) bool { return w.random.Float64() < p }

func (w *world) alive() []*life {
	return slices.DeleteFunc(slices.Clone(w.lives), func(l *life) bool { return l.dead })
}

// pass lets time pass.
func (w *world) pass(d time.Duration) {
	for end := w.now.Add(d); w.now.Before(end); {
		w.now = w.now.Add(tick)
		w.deliver()
		for _, l := range w.alive() {
			l.expire(w.now)
			w.publish(l)
		}
	}
}

func (w *world) publish(l *life) {
	for {
		data, _ := l.Next(w.now)
		if data == nil {
			return
		}
		w.send(l, data)
	}
}

func (w *world) send(from *life, data []byte) {
	w.sent[int(data[2])]++
	w.size = max(w.size, len(data))
	for _, to := range w.alive() {
		if to == from || to.side != from.side || w.chance(w.faults.lose) {
			continue
		}
		arrives := w.now.Add(tick * time.Duration(w.random.IntN(3)))
		if w.chance(w.faults.delay) {
			arrives = w.now.Add(time.Duration(w.random.Int64N(int64(3 * testBeat))))
		}
		w.flying = append(w.flying, flight{arrives, from, to, data})
		if w.chance(w.faults.repeat) {
			w.flying = append(w.flying, flight{arrives.Add(testBeat), from, to, data})
		}
	}
}

// deliver hands over what has arrived. Without faults one sender's order is kept.
func (w *world) deliver() {
	waits := make(map[[2]*life]bool)
	w.flying = slices.DeleteFunc(w.flying, func(f flight) bool {
		link := [2]*life{f.from, f.to}
		if f.arrives.After(w.now) || waits[link] {
			waits[link] = w.faults == faults{}
			return false
		}
		if !f.to.dead {
			f.to.receive(w.t, w.now, slices.Clone(f.data))
		}
		return true
	})
}

func (l *life) receive(t *testing.T, now time.Time, data []byte) {
	m, err := Parse(data)
	if err != nil {
		t.Fatalf("Parse(%x) = %v, want no error", data, err)
	}
	l.deafTo(l, m)
	if !l.Wants(m) {
		return
	}
	changes, err := l.Receive(now, m)
	if err != nil {
		l.errs++
	}
	l.apply(changes)
	if l.expiry.IsZero() {
		l.look(now)
	}
}

func (l *life) expire(now time.Time) {
	if !l.expiry.IsZero() && !now.Before(l.expiry) {
		l.look(now)
	}
}

func (l *life) look(now time.Time) {
	changes, again := l.Expire(now)
	l.apply(changes)
	l.expiry = again
}

func (l *life) apply(changes []Change) {
	for _, c := range changes {
		if l.view[c.From] == nil {
			l.view[c.From] = make(map[uint64]string)
		}
		delete(l.view[c.From], c.Number)
		if c.Entry != nil {
			l.view[c.From][c.Number] = text(c.Room, c.Key, c.Entry.Value)
		}
		if len(l.view[c.From]) == 0 {
			delete(l.view, c.From)
		}
	}
}

func text(room, key string, value []byte) string { return room + "/" + key + "=" + string(value) }

func (l *life) enter(room, key, value string) uint64 {
	number := l.Put(Entry{Room: room, Key: key, Value: []byte(value)})
	l.mine[number] = text(room, key, []byte(value))
	return number
}

func (l *life) leave(number uint64) {
	l.Remove(number)
	delete(l.mine, number)
}

// churn lets somebody come, change or go.
func (w *world) churn(l *life) {
	numbers := slices.Sorted(maps.Keys(l.mine))
	switch r := w.random.IntN(5); {
	case r < 2 || len(numbers) == 0:
		l.enter(fmt.Sprint(w.random.IntN(3)), fmt.Sprint(w.random.IntN(5)), "new")
	case r == 2:
		number := numbers[w.random.IntN(len(numbers))]
		value := fmt.Sprint(w.random.Uint32())
		l.Put(Entry{Number: number, Value: []byte(value)})
		e := l.own.entries[number].Value.(*owned)
		l.mine[number] = text(e.Room, e.Key, []byte(value))
	default:
		l.leave(numbers[w.random.IntN(len(numbers))])
	}
}

func (w *world) kill(l *life) { l.dead, l.died = true, w.now }

func (w *world) close(l *life) {
	w.send(l, l.Bye())
	l.closed = true
	w.kill(l)
}

// wantSame checks that all list what all have, and nothing else.
func (w *world) wantSame() {
	w.t.Helper()
	for i, l := range w.alive() {
		want := make(map[ID]map[uint64]string)
		for _, other := range w.alive() {
			if other != l && len(other.mine) > 0 {
				want[other.id] = other.mine
			}
		}
		if !maps.EqualFunc(l.view, want, maps.Equal) {
			w.t.Errorf("process %d lists %v, want %v", i, l.view, want)
		}
	}
}

// wantNoGhosts checks that nobody lists who is dead for three beats.
func (w *world) wantNoGhosts() {
	w.t.Helper()
	for _, dead := range w.lives {
		if !dead.dead || w.now.Sub(dead.died) < 3*testBeat {
			continue
		}
		for i, l := range w.alive() {
			if len(l.view[dead.id]) > 0 {
				w.t.Errorf("process %d lists %v of one that died %v ago",
					i, l.view[dead.id], w.now.Sub(dead.died))
			}
		}
	}
}
