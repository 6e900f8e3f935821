package history

import (
	"fmt"
	"slices"
	"sync"

	"github.com/beatrichartz/martini-sockets/rooms/presence"
)

// home is a process's presence, and who is really there.
type home struct {
	c             *census
	id            int
	end           func() // kills the process
	presence      *presence.Presence[string]
	here          []*stay
	ended, killed bool

	mu     sync.Mutex           // protects the fields below
	mirror map[[2]string]string // the lists, made of what the hook was told
	told   []error
}

// stay is a visit of this process, as it should be listed.
type stay struct {
	visitor          *presence.Visitor[string]
	room, key, value string
}

func newHome(c *census, id int) *home {
	broker, end := c.network.Connect(c.t, func(error) {})
	h := &home{c: c, id: id, end: end, mirror: make(map[[2]string]string)}
	h.presence = presence.New(&presence.Options[string]{
		Broker:   broker,
		Beat:     c.beat(),
		OnChange: h.onChange,
		OnError:  h.onError,
	})
	return h
}

func (h *home) onError(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = append(h.told, err)
}

// onChange keeps the mirror, and checks that the hook is told what really was before.
func (h *home) onChange(_ *presence.Presence[string], room string, changes []presence.Change[string]) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, change := range changes {
		key := [2]string{room, change.Key}
		if before := visitText(change.Before); before != h.mirror[key] {
			h.c.t.Errorf("process %d: the hook is told that %q had %q, and was told %q before",
				h.id, key, before, h.mirror[key])
		}
		h.mirror[key] = visitText(change.After)
		if len(change.After) == 0 {
			delete(h.mirror, key)
		}
	}
}

func visitText(visits []presence.Visit[string]) (text string) {
	for _, v := range visits {
		text += fmt.Sprint(" ", v.ID, "=", v.Value)
	}
	return text
}

// kill ends the process without a word. What it is in memory is ended as well.
func (h *home) kill() {
	h.ended, h.killed = true, true
	h.end()
	h.presence.Close()
}

// close ends the process in order.
func (h *home) close() {
	h.ended = true
	h.presence.Close()
}

// lists is everything that the process lists, as lines, in the order of each list.
func (h *home) lists() (lines []string) {
	names := h.presence.Names()
	slices.Sort(names)
	for _, room := range names {
		list := h.presence.List(room)
		if len(list) != h.presence.Len(room) {
			h.c.t.Errorf("process %d: List has %d people, Len = %d, want the same",
				h.id, len(list), h.presence.Len(room))
		}
		for _, person := range list {
			lines = append(lines, fmt.Sprintf("%q %s%s", room, person.Key, visitText(person.Visits)))
		}
	}
	return lines
}

// mirrored is what lists would be by the hook, in no order.
func (h *home) mirrored() (lines []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for key, text := range h.mirror {
		lines = append(lines, fmt.Sprintf("%q %s%s", key[0], key[1], text))
	}
	return lines
}

func (h *home) errors() []error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.told)
}
