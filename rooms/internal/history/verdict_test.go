package history

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// scene is a history made by hand: a guest who joined at 10, in process 0, and what a
// speaker said at 20, 30, 40 and 50, in process 0 (near) or 1.
type scene struct {
	h       *broadcasts
	guest   *guest
	speaker *talker
}

func newScene(near bool, got ...int) *scene {
	h := &broadcasts{network: Network{Slowest: time.Second}}
	for id := range 2 {
		h.sites = append(h.sites, &site{h: h, id: id})
	}
	from := h.sites[1]
	if near {
		from = h.sites[0]
	}
	sp := &talker{site: from, said: map[string][]utterance{}}
	from.speakers = []*talker{sp}
	g := &guest{
		site: h.sites[0], room: "room", healthy: true,
		disconnect: make(chan int, 1), joining: 9, joined: 10,
	}
	h.guests = []*guest{g}
	start := time.Now()
	for n := range 4 {
		at := int64(20 + 10*n)
		sp.said["room"] = append(sp.said["room"], utterance{begin: at, end: at + 1, start: start})
	}
	for _, n := range got {
		g.got = append(g.got, receipt{at: int64(25 + 10*n), when: start, site: from.id, n: n})
	}
	return &scene{h: h, guest: g, speaker: sp}
}

func (s *scene) said(n int) *utterance { return &s.speaker.said["room"][n] }

func (s *scene) tell(site int, at int64, room, text string) {
	told := &s.h.sites[site].told
	*told = append(*told, telling{at: at, room: room, err: errors.New(text)})
}

func TestVerdict(t *testing.T) {
	all := []int{0, 1, 2, 3}
	failed := errors.New("failed")
	tests := []struct {
		name  string
		near  bool
		got   []int
		setup func(s *scene)
		want  string // empty: all is well
	}{
		{name: "all", got: all},
		{name: "all, near", near: true, got: all},
		{name: "gap", got: []int{0, 2, 3}, want: "missed 1"},
		{name: "gap, near", near: true, got: []int{0, 2, 3}, want: "missed 1"},
		{name: "tail", got: []int{0, 1, 2}, want: "missed 3"},
		{name: "tail, near", near: true, got: []int{0, 1, 2}, want: "missed 3"},
		{name: "twice", got: []int{0, 1, 1, 2, 3},
			want: "got 1 of process 1's publisher 0 after 1"},
		{name: "order", got: []int{0, 2, 1, 3},
			want: "got 1 of process 1's publisher 0 after 2"},
		{name: "invented", got: []int{0, 1, 2, 3, 4}, want: "who never said it"},
		{name: "told", got: []int{0, 2, 3},
			setup: func(s *scene) { s.tell(0, 30, "room", "lost") }},
		{name: "told before", got: []int{0, 2, 3}, want: "missed 1",
			setup: func(s *scene) { s.tell(0, 29, "room", "lost") }},
		{name: "another room told", got: []int{0, 2, 3}, want: "missed 1",
			setup: func(s *scene) { s.tell(0, 35, "other", "lost") }},
		{name: "publisher told, and that is not enough", got: []int{0, 2, 3}, want: "missed 1",
			setup: func(s *scene) { s.tell(1, 35, "room", "lost") }},
		{name: "publisher told, and that is enough", got: []int{0, 2, 3},
			setup: func(s *scene) {
				s.h.network.Outages = true
				s.h.sites[1].outage.at = 30
			}},
		{name: "publisher told before", got: []int{0, 2, 3}, want: "missed 1",
			setup: func(s *scene) {
				s.h.network.Outages = true
				s.h.sites[1].outage.at = 29
			}},
		{name: "process told, and not the room", got: []int{0, 2, 3}, want: "missed 1",
			setup: func(s *scene) {
				s.h.network.Outages = true
				s.h.sites[0].outage.at = 60
			}},
		{name: "process told when the room was empty", got: []int{0, 2},
			setup: func(s *scene) {
				s.h.network.Outages = true
				s.remove(true)
				s.h.sites[0].outage.at = 60
			}},
		{name: "killed before it could be told", got: []int{0, 2},
			setup: func(s *scene) {
				s.h.network.Outages = true
				s.guest.site.killed = true
			}},
		{name: "killed after a gap that numbers show", got: []int{0, 2}, want: "missed 1",
			setup: func(s *scene) { s.guest.site.killed = true }},
		{name: "told, near", near: true, got: []int{0, 2, 3}, want: "missed 1",
			setup: func(s *scene) { s.tell(0, 35, "room", "lost") }},
		{name: "failed", got: []int{0, 2, 3},
			setup: func(s *scene) {
				s.said(1).err = failed
				s.h.sites[1].told = []telling{{at: 31, room: "room", err: failed}}
			}},
		{name: "failed, and the hook not told", got: all, want: "OnError was not told",
			setup: func(s *scene) { s.said(1).err = failed }},
		{name: "before the join", got: []int{2, 3},
			setup: func(s *scene) { s.guest.joining, s.guest.joined = 35, 36 }},
		{name: "before the join, near, and got", near: true, got: all, want: "before its Join",
			setup: func(s *scene) { s.guest.joining, s.guest.joined = 35, 36 }},
		{name: "left out", near: true, got: []int{0, 2, 3},
			setup: func(s *scene) { s.said(1).except = s.guest }},
		{name: "left out, and got", near: true, got: all, want: "after 0, though left out",
			setup: func(s *scene) { s.said(1).except = s.guest }},
		{name: "late, near", near: true, got: all, want: "late: after 600ms",
			setup: func(s *scene) { s.guest.got[1].when = s.said(1).start.Add(600 * time.Millisecond) }},
		{name: "late, far", got: all,
			setup: func(s *scene) { s.guest.got[1].when = s.said(1).start.Add(600 * time.Millisecond) }},
		{name: "left before the tail", got: []int{0, 1},
			setup: func(s *scene) { s.guest.leaving = 37 }},
		{name: "left after a gap", got: []int{0, 2}, want: "missed 1",
			setup: func(s *scene) { s.guest.leaving = 47 }},
		{name: "removed after a gap, near", near: true, got: []int{0, 2}, want: "missed 1",
			setup: func(s *scene) { s.remove(true) }},
		{name: "removed before the tail, near", near: true, got: []int{0, 1},
			setup: func(s *scene) { s.remove(true) }},
		{name: "removed though healthy", got: all, want: "it reads at once",
			setup: func(s *scene) { s.remove(true); s.guest.healthy = true }},
		{name: "removed, and not disconnected", got: all, want: "want both or neither",
			setup: func(s *scene) { s.remove(false) }},
		{name: "disconnected, and not removed", got: all, want: "want both or neither",
			setup: func(s *scene) { s.guest.disconnect <- 1013 }},
		{name: "disconnected with another code", got: all, want: "code 1000, want 1013",
			setup: func(s *scene) { s.remove(false); s.guest.disconnect <- 1000 }},
		{name: "killed publisher's tail", got: []int{0, 1, 2},
			setup: func(s *scene) { s.h.sites[1].killed, s.h.sites[1].killedAt = true, 60 }},
		{name: "killed publisher's gap", got: []int{0, 2, 3}, want: "missed 1",
			setup: func(s *scene) { s.h.sites[1].killed, s.h.sites[1].killedAt = true, 60 }},
		{name: "could not subscribe", got: []int{2, 3},
			setup: func(s *scene) { s.tell(0, 11, "room", "rooms: subscribe to") }},
		{name: "could not subscribe, but heard", got: []int{0, 2, 3}, want: "missed 1",
			setup: func(s *scene) { s.tell(0, 11, "room", "rooms: subscribe to") }},
		{name: "told of an outage when calm", got: all, want: "nothing was broken",
			setup: func(s *scene) {
				s.h.calm = true
				s.h.sites[1].outage = telling{at: 5, err: errors.New("lost")}
			}},
		{name: "told when calm", got: all, want: "nothing was broken",
			setup: func(s *scene) { s.h.calm = true; s.tell(1, 5, "room", "lost") }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(test.near, test.got...)
			if test.setup != nil {
				test.setup(s)
			}
			got := s.h.verdict()
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("verdict = %q, want %q", got, test.want)
			}
		})
	}
}

// remove makes the guest one that was slow and was removed.
func (s *scene) remove(disconnected bool) {
	s.guest.healthy = false
	s.guest.onRemove(errors.New("slow"))
	if disconnected {
		s.guest.disconnect <- 1013
	}
}
