package history

import (
	"fmt"
	"slices"
)

// verdict says what is wrong with what the guests got, "" if nothing is. What is missing
// may still come.
func (h *broadcasts) verdict() string {
	for _, g := range h.guests {
		if reason := h.behaved(g); reason != "" {
			return reason
		}
		for _, s := range h.sites {
			for _, sp := range s.speakers {
				if reason := h.compare(g, sp); reason != "" {
					return fmt.Sprintf("%v: %s", g, reason)
				}
			}
		}
	}
	if h.calm {
		return h.disturbed()
	}
	return ""
}

// behaved checks that a guest was removed for a reason, and only then disconnected.
func (h *broadcasts) behaved(g *guest) string {
	if g.healthy && g.reason() != nil {
		return fmt.Sprintf("%v was removed: %v; it reads at once", g, g.reason())
	}
	if told := len(g.disconnect) > 0; told != (g.reason() != nil) {
		return fmt.Sprintf("%v was removed: %v, disconnected: %v, want both or neither",
			g, g.reason(), told)
	}
	return g.wrongCode()
}

// disturbed says what was told though nothing was broken.
func (h *broadcasts) disturbed() string {
	told := make(map[int][]error)
	for _, s := range h.sites {
		told[s.id] = s.errors()
	}
	return h.network.undue(told)
}

// compare compares what a guest received from a speaker with what the speaker sent.
func (h *broadcasts) compare(g *guest, sp *talker) string {
	who := fmt.Sprintf("process %d's publisher %d", sp.site.id, sp.id)
	said, last := sp.said[g.room], -1
	got := make([]bool, len(said))
	for _, r := range g.from(sp) {
		if r.n >= len(said) {
			return fmt.Sprintf("got %d of %s, who never said it", r.n, who)
		}
		if fault := h.wrong(g, sp, r); fault != "" || got[r.n] || r.n < last {
			return fmt.Sprintf("got %d of %s after %d%s", r.n, who, last, fault)
		}
		got[r.n], last = true, r.n
	}
	newer := make(map[string]bool) // keys of what it got, or may have waited for, later
	gone := g.left() || g.reason() != nil || g.site.killed
	for n, u := range slices.Backward(said) {
		if u.err != nil && !sp.site.toldError(u.err) {
			return fmt.Sprintf("%d of %s failed, and OnError was not told: %v", n, who, u.err)
		}
		key := h.keyOf(sp.site.id, sp.id, n)
		skipped := key != "" && !g.healthy && newer[key]
		if !got[n] && !skipped && h.owed(g, sp, u, n > last) {
			return fmt.Sprintf("missed %d of %s, and nobody was told", n, who)
		}
		newer[key] = newer[key] || got[n] || gone
	}
	return ""
}

// wrong says why a guest should not have got a message like that.
func (h *broadcasts) wrong(g *guest, sp *talker, r receipt) string {
	u := sp.said[g.room][r.n]
	near, took := sp.site == g.site, r.when.Sub(u.start)
	switch {
	case u.except == g:
		return ", though left out"
	case near && u.end < g.joining && !h.newest(g, sp, r):
		return ", of before its Join"
	case near && g.healthy && u.begin > g.joined && took > h.network.Slowest/2:
		return fmt.Sprint(", late: after ", took)
	}
	return ""
}

// newest reports whether a message of before its Join was the newest of its key then.
func (h *broadcasts) newest(g *guest, sp *talker, r receipt) bool {
	key := h.keyOf(r.site, r.speaker, r.n)
	for n, u := range sp.said[g.room] {
		if n > r.n && u.err == nil && u.end < g.joining && h.keyOf(r.site, r.speaker, n) == key {
			return false
		}
	}
	return h.retain && key != ""
}

// owed reports whether a guest should have got what it has not, or should have been told.
func (h *broadcasts) owed(g *guest, sp *talker, u utterance, tail bool) bool {
	gone := g.left() || g.reason() != nil || g.site.killed
	switch {
	case sp.site == g.site:
		return u.begin > g.joined && u.except != g && !(gone && tail)
	case u.begin < g.joined || u.err != nil || gone && tail:
		return false
	case sp.site.killed && (tail || u.end > sp.site.killedAt || h.network.Outages):
		return false // who was killed can tell nobody any more
	case h.network.Lossy && !g.knew(sp.site, u.begin):
		return false
	case g.site.toldOf(g.room, u.begin) || sp.site.toldOutage(u.begin):
		return false
	case gone && h.network.Outages && (g.site.killed || g.site.toldOutage(u.begin)):
		return false // the room may have been empty when the outage was over
	}
	deaf := g.site.deafSince(g.room, u.begin)
	return deaf == 0 || g.heardAbroad(deaf, u.begin)
}
