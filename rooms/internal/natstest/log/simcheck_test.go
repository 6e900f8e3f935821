package log_test

import (
	"errors"
	"slices"
	"strings"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// truth is what the stream had of a room in one of its lives.
type truth struct {
	life  int
	room  string
	texts []string       // At and ID of all that says something
	index map[string]int // of positions: how many texts there are up to them
}

// truths are by room and position.
func (h *history) truths() map[string]*truth {
	all := make(map[string]*truth)
	for _, room := range historyRooms {
		for life, entries := range h.cloud.recorder.room(room) {
			tr := &truth{life: life, room: room, index: make(map[string]int)}
			for _, e := range entries {
				if e.id != "" {
					tr.texts = append(tr.texts, e.at+" "+e.id)
				}
				tr.index[e.at] = len(tr.texts)
				all[room+" "+e.at] = tr
			}
			h.checkOnce(entries)
		}
	}
	return all
}

// checkOnce: an id is there once. But a server that restarts has only the ids of what it
// has kept.
func (h *history) checkOnce(entries []recorded) {
	seen := make(map[string]int)
	for i, e := range entries {
		before, ok := seen[e.id]
		if ok && i-before <= h.cloud.options.Count {
			h.t.Errorf("%s: %s is there again, want once", e.room, e.id)
		}
		if e.id != "" {
			seen[e.id] = i
		}
	}
}

func (h *history) check() {
	truths := h.truths()
	for _, c := range h.said {
		h.checkSaid(truths, c)
	}
	for _, g := range h.guests {
		h.checkGuest(truths, g)
	}
}

// checkSaid: what was acknowledged is there, and what has failed is not.
func (h *history) checkSaid(truths map[string]*truth, c *saying) {
	if c.err == nil {
		tr := truths[c.room+" "+c.at]
		if tr == nil || !slices.Contains(tr.texts, c.at+" "+c.id) {
			h.t.Errorf("%s was acknowledged at %s, and is not there", c.id, c.at)
		}
		return
	}
	again := slices.ContainsFunc(h.said, func(o *saying) bool { return o != c && o.id == c.id })
	if again || errors.Is(c.err, rooms.ErrUncertain) {
		return
	}
	for _, tr := range truths {
		for _, line := range tr.texts {
			if strings.HasSuffix(line, " "+c.id) {
				h.t.Errorf("%s is there, though Say returned %v", line, c.err)
			}
		}
	}
}

// checkGuest: what it missed and what it got are what the stream has, from somewhere on,
// and complete is not said by mistake.
func (h *history) checkGuest(truths map[string]*truth, g *guest) {
	var missed, live []string
	for _, m := range g.missed.Messages {
		missed = append(missed, m.Position+" "+m.Value.ID)
	}
	g.mu.Lock()
	for _, m := range g.live {
		live = append(live, m.At+" "+m.ID)
	}
	g.mu.Unlock()
	tr := truths[g.room+" "+g.missed.Position]
	if tr == nil {
		if len(missed)+len(live) > 0 {
			h.t.Errorf("%v got %q and %q, of no log", g, missed, live)
		}
		return
	}
	joined := tr.index[g.missed.Position]
	first := max(0, joined-len(missed))
	if !slices.Equal(missed, tr.texts[first:joined]) {
		h.t.Errorf("%v missed %q, want %q", g, missed, tr.texts[first:joined])
	}
	from, known := tr.index[g.after]
	if g.missed.Complete && (!known || from != first) {
		h.t.Errorf("%v missed %q: complete, want not: the position is %d of %d, known %v",
			g, missed, from, joined, known)
	}
	last := min(joined+len(live), len(tr.texts))
	if !slices.Equal(live, tr.texts[joined:last]) {
		h.t.Errorf("%v got %q, want %q", g, live, tr.texts[joined:last])
	}
	if !g.over() && (tr.life != h.cloud.recorder.life || last != len(tr.texts)) {
		h.t.Errorf("%v got %d of %d in log %d of %d, and was not told",
			g, last, len(tr.texts), tr.life, h.cloud.recorder.life)
	}
}
