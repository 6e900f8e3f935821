package history

import "github.com/beatrichartz/martini-sockets/rooms"

// Text is what is said: its id is in it.
type Text struct{ ID, At string }

type (
	member = rooms.LogMember[*Text]
	missed = rooms.Missed[*Text]
)

func (h *history) newChat(log rooms.Log) *rooms.LogRooms[*Text] {
	o := &rooms.Options[*Text]{
		Backlog: h.world.Backlog,
		Grace:   h.world.Healing, // a busy machine is no reason for removals
		Stamp:   func(m *Text, at string) *Text { m.At = at; return m },
	}
	if h.keyed {
		o.Latest = func(m *Text) string { return h.ofID(m.ID) }
	}
	return rooms.NewOnLog(log, o)
}
