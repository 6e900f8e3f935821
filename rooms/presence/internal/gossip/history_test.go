package gossip

import (
	"flag"
	"fmt"
	"testing"
	"time"
)

var (
	seeds = flag.Int("seeds", 150, "random histories to run")
	seed  = flag.Uint64("seed", 0, "the one random history to run")
)

// Contract 12.2 and 13.2: random histories with losses, delays, repetitions, partitions,
// kills, restarts and forgeries. When the network has been whole for three beats all list
// the same, and no dead are among them.
func TestHistories(t *testing.T) {
	if *seed != 0 {
		history(t, *seed)
		return
	}
	for s := range *seeds {
		t.Run(fmt.Sprint("seed=", s+1), func(t *testing.T) { history(t, uint64(s+1)) })
	}
}

func history(t *testing.T, seed uint64) {
	w := newWorld(t, seed)
	for range 2 + w.random.IntN(3) {
		w.start(generous)
	}
	for range 3 {
		w.trouble()
		w.heal()
		if t.Failed() {
			t.Fatalf("run it again with -run TestHistories -seed %d", seed)
		}
	}
}

// trouble is some beats in which everything happens.
func (w *world) trouble() {
	w.faults = faults{lose: 0.3 * w.random.Float64(), repeat: 0.2, delay: 0.2 * w.random.Float64()}
	for range 10 + w.random.IntN(60) {
		alive := w.alive()
		l := alive[w.random.IntN(len(alive))]
		switch r := w.random.IntN(100); {
		case r < 60:
			w.churn(l)
		case r < 70:
			l.side = w.random.IntN(2)
		case r < 73:
			l.Lost()
		case r < 84:
			w.forge(l)
		case r < 88 && len(alive) > 2:
			w.kill(l)
		case r < 91 && len(alive) > 2:
			w.close(l)
		case r < 95 && len(alive) < 6:
			w.start(generous)
		}
		w.pass(time.Duration(w.random.Int64N(int64(testBeat / 3))))
		w.checkWhole()
	}
}

// checkWhole holds even in trouble: nothing that comes late brings back the dead for
// good. Three beats after death plus those that a message is late at most.
func (w *world) checkWhole() {
	w.t.Helper()
	for _, dead := range w.lives {
		if !dead.dead || w.now.Sub(dead.died) < 7*testBeat {
			continue
		}
		for i, l := range w.alive() {
			if len(l.view[dead.id]) > 0 {
				w.t.Errorf("in trouble process %d lists %v of one that died %v ago",
					i, l.view[dead.id], w.now.Sub(dead.died))
			}
		}
	}
}

// heal makes the network whole, while people still come and go, and compares three beats
// later. One process is killed, and one closed, when it is whole.
func (w *world) heal() {
	w.faults = faults{}
	for i := range w.flying {
		w.flying[i].arrives = w.now // late, and in the wrong order
	}
	for _, l := range w.alive() {
		l.side = 0
	}
	w.end(w.kill)
	w.end(w.close)
	for range 24 {
		alive := w.alive()
		w.churn(alive[w.random.IntN(len(alive))])
		w.pass(testBeat / 8)
	}
	w.wantNoGhosts()
	w.pass(testBeat / 8) // for the last change
	w.wantSame()
	w.sent = make(map[int]int)
	w.pass(4 * testBeat)
	w.wantRest(4)
}

func (w *world) end(how func(*life)) {
	if alive := w.alive(); len(alive) > 2 && w.chance(0.3) {
		how(alive[w.random.IntN(len(alive))])
	}
}

// wantRest checks that nothing was sent but beats.
func (w *world) wantRest(beats int) {
	w.t.Helper()
	for kind, n := range w.sent {
		if kind != kindBeat || n > len(w.alive())*beats {
			w.t.Errorf("at rest %d messages of kind %d in %d beats of %d processes, want beats only",
				n, kind, beats, len(w.alive()))
		}
	}
}

// forge speaks in the name of a process, or of one that there is not.
func (w *world) forge(l *life) {
	m := Message{From: l.id}
	if w.chance(0.2) {
		m.From = w.id()
	}
	state := State{Version: w.number(l), Digest: w.random.Uint64()}
	switch w.random.IntN(4) {
	case 0:
		m.Bye = true
	case 1:
		m.Beat = &Beat{Seq: w.number(l), State: state, Hello: w.chance(0.5)}
	case 2:
		m.Asks = []Ask{{Of: l.id, Nonce: w.random.Uint64(), Have: w.number(l)}}
	default:
		m.List = w.forgedList(l, state)
	}
	w.send(&life{side: l.side}, m.Encode())
}

func (w *world) forgedList(l *life, now State) *List {
	list := &List{Seq: w.number(l), Base: min(w.number(l), now.Version), Now: now, To: now.Version}
	if w.chance(0.3) {
		list.Base, list.Whole = 0, true
	}
	for _, other := range w.alive() { // what an eavesdropper knows
		if p := other.peers[l.id]; p != nil && p.nonce != 0 && w.chance(0.5) {
			list.Nonces = append(list.Nonces, p.nonce)
		}
	}
	if w.chance(0.5) {
		list.Removed = []uint64{1 + w.random.Uint64N(10)}
	}
	if list.Base < list.To {
		number := 20 + w.random.Uint64N(5)
		list.Entries = []Entry{{Number: number, Version: list.To, Room: "forged", Key: "nobody"}}
	}
	if w.chance(0.5) {
		w.credible(l, list)
	}
	return list
}

// credible makes a forged list one that leaves no doubt at somebody: it goes one change
// on, to the digest that comes of it. The process goes one change on as well.
func (w *world) credible(l *life, list *List) {
	for _, other := range w.alive() {
		if p := other.peers[l.id]; p != nil && p.known {
			*list = List{Seq: p.seq, Base: p.Version, To: p.Version + 1}
			list.Entries = []Entry{{Number: 30, Version: list.To, Room: "forged", Key: "nobody"}}
			list.Now = State{list.To, p.Digest + list.Entries[0].hash()}
			w.churn(l)
			return
		}
	}
}

// number is one that hurts: near the version of a process, or at the limits.
func (w *world) number(l *life) uint64 {
	near := l.own.Version + w.random.Uint64N(3)
	return []uint64{near, near, near, 0, 1, ^uint64(0), ^uint64(0) - 1}[w.random.IntN(7)]
}
