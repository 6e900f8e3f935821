package logtest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
)

var seeds = brokertest.SeedFlags(200)

// Contract 13.2, for section 11: one order on a log, nothing twice, acknowledged is kept
// and reaches the members, complete never wrongly, exactly what was missed and then what
// is live.
func TestSimulate(t *testing.T) {
	seeds.Run(t, func(t *testing.T, seed uint64) {
		synctest.Test(t, func(t *testing.T) { newHistory(t, seed, same).run() })
	})
}

// truth is what the service had of a room in one of its lives.
type truth struct {
	life  int
	texts []string // At and ID of all that says something
	index map[string]int
	room  *simRoom
}

// truths are by room and tag: what positions begin and end with.
func (h *history) truths() map[string]*truth {
	all := make(map[string]*truth)
	for life, names := range h.service.lives {
		for name, room := range names {
			tr := &truth{life: life, index: make(map[string]int), room: room}
			tr.index[rooms.Place{Tag: room.tag}.String()] = 0
			for _, e := range room.all {
				if e.Data != nil {
					tr.texts = append(tr.texts, e.String()+" "+e.id)
				}
				tr.index[e.String()] = len(tr.texts)
			}
			all[name+tag(rooms.Place{Tag: room.tag}.String())] = tr
		}
	}
	return all
}

func tag(position string) string {
	_, tag, _ := strings.Cut(position, "-")
	return "-" + tag
}

func (h *history) check() {
	synctest.Wait()
	truths := h.truths()
	for _, c := range h.said {
		h.checkSaid(truths, c)
	}
	for name, tr := range truths {
		ids := make(map[string]int)
		for _, line := range tr.texts {
			_, id, _ := strings.Cut(line, " ")
			if ids[id]++; ids[id] > 1 {
				h.t.Errorf("%s: %s is there %d times, want once", name, id, ids[id])
			}
		}
	}
	for _, g := range h.guests {
		h.checkGuest(truths, g)
	}
}

// checkSaid: what was acknowledged is there, what has failed is not, and what is
// uncertain was in time.
func (h *history) checkSaid(truths map[string]*truth, c *saying) {
	if c.err == nil {
		tr := truths[c.room+tag(c.at)]
		if tr == nil || !slices.Contains(tr.texts, c.at+" "+c.id) {
			h.t.Errorf("%s was acknowledged at %s, and is not there", c.id, c.at)
		}
		return
	}
	for _, other := range h.said {
		if other != c && other.id == c.id {
			return // said again
		}
	}
	for _, tr := range truths {
		for _, e := range tr.room.all {
			if e.id != c.id || e.Data == nil {
				continue
			}
			if !h.isKnown(c.err) {
				h.t.Errorf("%s is there, though Say returned %v", c.id, c.err)
			}
			if e.time.After(c.deadline) {
				h.t.Errorf("%s came after its deadline, and is there", c.id)
			}
		}
	}
}

func (h *history) checkGuest(truths map[string]*truth, g *guest) {
	who := fmt.Sprintf("guest of %s after %q, joined at %q", g.room, g.after, g.missed.Position)
	tr := truths[g.room+tag(g.missed.Position)]
	if tr == nil {
		h.t.Errorf("%s: no such log", who)
		return
	}
	joined := tr.index[g.missed.Position]
	var missed, live []string
	for _, m := range g.missed.Messages {
		missed = append(missed, m.Position+" "+m.Value.ID)
	}
	for _, m := range g.live {
		live = append(live, m.At+" "+m.ID)
	}
	first := max(0, joined-len(missed))
	if !slices.Equal(missed, tr.texts[first:joined]) {
		h.t.Errorf("%s missed %q, want %q", who, missed, tr.texts[first:joined])
	}
	from, known := tr.index[g.after]
	switch {
	case g.missed.Complete && (!known || from != first):
		h.t.Errorf("%s missed %q: complete, want not: the position is %d of %d, known %v",
			who, missed, from, joined, known)
	case !g.missed.Complete && known && h.keptSince(tr, g.after):
		h.t.Errorf("%s missed %q: not complete, want complete: nothing was dropped since",
			who, missed)
	}
	last := min(joined+len(live), len(tr.texts))
	if !slices.Equal(live, tr.texts[joined:last]) {
		h.t.Errorf("%s got %q, want %q", who, live, tr.texts[joined:last])
	}
	h.checkEnd(who, tr, g, last)
}

// keptSince reports whether the log has had all that came after a position, for certain.
func (h *history) keptSince(tr *truth, position string) bool {
	since := len(tr.room.all)
	for i, e := range tr.room.all {
		if e.String() == position {
			since = len(tr.room.all) - i - 1
		}
	}
	return tr.life == len(h.service.lives)-1 && since <= h.service.count
}

// checkEnd: whoever is still there has all, and is in the log that there is.
func (h *history) checkEnd(who string, tr *truth, g *guest, last int) {
	if g.gone || g.removed() || g.site.killed {
		return
	}
	if tr.life != len(h.service.lives)-1 {
		h.t.Errorf("%s is still in log %d of %d, and was not told", who, tr.life, len(h.service.lives))
	}
	if last != len(tr.texts) {
		h.t.Errorf("%s got %d of %d, want all", who, last, len(tr.texts))
	}
}
