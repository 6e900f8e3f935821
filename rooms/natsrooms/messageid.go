package natsrooms

import "github.com/beatrichartz/martini-sockets/rooms/internal/subjects"

// messageID makes an id for NATS's duplicate window, which the whole stream shares. It
// hashes the id, because clients choose its length and contents. attempt counts how often
// an entry that came too late had used up the id.
func messageID(room, id string, attempt int) string {
	return subjects.Token(room) + "." + subjects.Hash(id) + string(rune('a'+attempt))
}
