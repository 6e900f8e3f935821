package history

import (
	"fmt"
	"slices"
)

// check compares what everybody has seen with what is true.
func (h *history) check(visits []*visit) {
	for _, fault := range h.ledger.faults {
		h.fault("%s", fault)
	}
	for _, room := range roomNames {
		for life := range h.ledger.lastLife() + 1 {
			h.checkOrder(room, life)
		}
		h.checkHeld(room)
	}
	h.checkFailed()
	for _, v := range visits {
		if fault := h.checkVisit(v); fault != "" {
			h.fault("%v: %s", v, fault)
		}
	}
}

// checkOrder: no two entries have one place, and none is there twice. A log that has
// dropped an entry may have forgotten its id.
func (h *history) checkOrder(room string, life int) {
	timeline := h.ledger.timeline(room, life)
	ids := make(map[string]*fact)
	for i, f := range timeline {
		if i > 0 && timeline[i-1].seq == f.seq {
			h.fault("%q: %v and %v have one number in life %d", room, timeline[i-1], f, life)
		}
		if before := ids[f.id]; before != nil && !h.dropped {
			h.fault("%q: %s is at %s and at %s, want once", room, f.id, before.at, f.at)
		}
		if f.id != "" && f.id != lastWord {
			ids[f.id] = f
		}
	}
}

// checkHeld: what was acknowledged is in the log. This is about the log's servers, not
// about the package under test. A server that was cut off may answer for a while as if it
// were the leader, without what the others have acknowledged since. So it is asked again.
func (h *history) checkHeld(room string) {
	if h.world.Holds == nil || h.dropped {
		return
	}
	what := fmt.Sprintf("the servers hold what they have acknowledged of %q", room)
	h.await(what, h.world.Healing, func() string {
		held, err := h.world.Holds(room)
		if err != nil {
			return err.Error()
		}
		for _, f := range h.ledger.timeline(room, h.ledger.lastLife()) {
			if f.acked && !held[f.id] {
				return fmt.Sprintf("they lost %v", f)
			}
		}
		return ""
	})
}

// checkFailed: nobody sees what has failed for certain.
func (h *history) checkFailed() {
	maybe := make(map[string]bool)
	for _, c := range h.ledger.saids {
		if c.err == nil || c.uncertain() {
			maybe[c.id] = true
		}
	}
	for _, c := range h.ledger.saids {
		for _, f := range h.ledger.facts[c.room] {
			if f.id == c.id && !maybe[c.id] {
				h.fault("%q: %v was seen, though Say returned %v", c.room, f, c.err)
			}
		}
	}
}

// checkVisit returns what is wrong with what a client has seen in one visit.
func (h *history) checkVisit(v *visit) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	room, joined := v.client.room, number(v.missed.Position)
	life := h.ledger.lifeOf(room, v.missed.Position) // a process may not know of the next
	var missedAt, liveAt []string
	for _, said := range v.missed.Messages {
		missedAt = append(missedAt, said.Position)
	}
	for _, text := range v.live {
		liveAt = append(liveAt, text.At)
		life = max(life, h.ledger.lifeOf(room, text.At))
	}
	if fault := disorder(append(missedAt, liveAt...)); fault != "" {
		return fault
	}
	timeline := h.ledger.timeline(room, v.life)
	if v.missed.Complete {
		if fault := h.wronglyComplete(timeline, v, missedAt); fault != "" {
			return fault
		}
	} else if fault := h.wronglyIncomplete(timeline, v, missedAt); fault != "" {
		return fault
	}
	timeline = h.ledger.timeline(room, life)
	if fault := foreign(timeline, liveAt); fault != "" {
		return fmt.Sprintf("%s: %q, of life %d to %d", fault, liveAt, v.life, life)
	}
	until := joined // whoever does not get the end is found before this
	if len(liveAt) > 0 {
		until = number(liveAt[len(liveAt)-1])
	}
	if joined == 0 && h.dropped && !v.missed.Complete && len(liveAt) > 0 {
		// The room may have been emptied before. Then it has begun anew at a place before
		// all entries, and the client was told that it has missed some.
		joined = number(liveAt[0])
	}
	if f := h.hole(timeline, liveAt, joined, until, v.ended != ""); f != nil {
		return fmt.Sprintf("missed %v (acknowledged: %v) live, and was not told; it got %d, %s",
			f, f.acked, len(liveAt), v.ended)
	}
	return ""
}

// disorder returns the first of two positions that are not in order.
func disorder(positions []string) string {
	for i := 1; i < len(positions); i++ {
		if number(positions[i]) <= number(positions[i-1]) {
			return fmt.Sprintf("got %s after %s", positions[i], positions[i-1])
		}
	}
	return ""
}

// wronglyComplete says why a visit may not have been told "complete".
func (h *history) wronglyComplete(timeline []*fact, v *visit, missedAt []string) string {
	after := number(v.after)
	// Nothing is missed between a place and itself: if the log has lost it, the client is
	// told with the next message. The place of an empty room is of no entry.
	known := after == 0 && v.after != "" || v.after == v.missed.Position
	for _, f := range timeline {
		known = known || f.at == v.after
	}
	if !known {
		return fmt.Sprintf("complete, want not: %q is of no entry of this log", v.after)
	}
	if f := h.hole(timeline, missedAt, after, number(v.missed.Position), false); f != nil {
		return fmt.Sprintf("complete without %v (acknowledged: %v)", f, f.acked)
	}
	return ""
}

// wronglyIncomplete says why a visit should have been told "complete", or what is missing
// among what it missed.
func (h *history) wronglyIncomplete(timeline []*fact, v *visit, missedAt []string) string {
	keeps := h.world.Keeps
	if keeps == nil {
		keeps = func(string, string) bool { return !h.dropped }
	}
	for _, f := range timeline {
		if f.at == v.after && v.life == h.ledger.lastLife() && keeps(v.client.room, f.at) {
			return fmt.Sprintf("not complete, want complete: nothing was dropped; missed %q",
				missedAt)
		}
	}
	if len(missedAt) > 0 && !h.dropped {
		after, until := number(missedAt[0]), number(v.missed.Position)
		if f := h.hole(timeline, missedAt, after, until, false); f != nil {
			return fmt.Sprintf("missed %v among what it missed", f)
		}
	}
	return ""
}

// hole returns the first message between two numbers, the second included, that was not
// got, nor a newer one with its key. After an early end it need not have got that.
func (h *history) hole(timeline []*fact, got []string, after, until uint64, early bool) (
	first *fact,
) {
	have, newer := make(map[string]bool), make(map[string]bool)
	for _, at := range got {
		have[at] = true
	}
	for _, f := range slices.Backward(timeline) {
		key := h.ofID(f.id)
		if have[f.at] {
			newer[key] = true
		} else if f.id != "" && f.seq > after && f.seq <= until &&
			!(key != "" && (early || newer[key])) {
			first = f
		}
	}
	return first
}

// foreign returns the first position that is of a log which was lost.
func foreign(timeline []*fact, got []string) string {
	own := make(map[string]bool)
	for _, f := range timeline {
		own[f.at] = true
	}
	for _, at := range got {
		if !own[at] {
			return fmt.Sprintf("got %s, which the log has lost, and what came instead", at)
		}
	}
	return ""
}
