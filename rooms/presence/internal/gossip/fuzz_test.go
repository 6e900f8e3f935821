package gossip

import (
	"testing"
	"time"
)

// FuzzReceive: whatever two messages say, in the name of a known process, nothing
// panics, the limits hold, the sums are right, and the process itself puts everything
// right again.
func FuzzReceive(f *testing.F) {
	for _, first := range examples() {
		for _, second := range examples() {
			f.Add(first.Encode(), second.Encode())
		}
	}
	limits := Limits{Entries: 4, EntrySize: 64, Bytes: 3000, Part: 400}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		w, here, there := pair(t, limits)
		for _, data := range [][]byte{first, second} {
			m, err := Parse(data)
			if err != nil {
				continue
			}
			if m.Beat == nil { // or it would be another process
				m.From = there.id
			}
			if m.List != nil && here.peers[there.id] != nil {
				m.List.Nonces = append(m.List.Nonces, here.peers[there.id].nonce)
			}
			here.receive(t, w.now, m.Encode())
			wantSums(t, here)
		}
		w.pass(3 * testBeat)
		if here.errs > 0 {
			w.pass(time.Duration(penalty) * testBeat)
		}
		w.wantSame()
	})
}

// wantSums checks what is added up against what it is the sum of.
func wantSums(t *testing.T, l *life) {
	t.Helper()
	all := 0
	for _, p := range l.peers {
		var digest uint64
		bytes, stale := 0, 0
		for _, r := range p.entries {
			digest += r.hash
			bytes += r.size
			if r.round != p.round {
				stale++
			}
		}
		if digest != p.Digest || bytes != p.bytes || stale != p.stale {
			t.Errorf("digest %d, %d bytes, %d stale, want %d, %d, %d",
				p.Digest, p.bytes, p.stale, digest, bytes, stale)
		}
		if len(p.entries)-stale > l.limits.Entries {
			t.Errorf("%d entries, want %d at most", len(p.entries)-stale, l.limits.Entries)
		}
		all += bytes
	}
	if all != l.bytes || all > l.limits.Bytes {
		t.Errorf("%d bytes, counted as %d, want the same and %d at most", all, l.bytes, l.limits.Bytes)
	}
}
