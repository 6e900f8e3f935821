package natsrooms

import (
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/chain"
)

// The headers of an entry.
const (
	tagHeader   = "Rooms-Tag"   // rooms.Place.Tag, chosen at random by who appended it
	prevHeader  = "Rooms-Prev"  // the place in the room before it
	untilHeader = "Rooms-Until" // the latest time to be in the stream, by its clock
)

// never is the untilHeader of a mark.
const never = "0"

// stored is a message of the stream.
//
// The stream takes an entry only if the last message of the subject has the expected
// sequence, so the place before it is true; see package chain. To prove a place, the
// stream needs a message of each room that is followed. A room without one gets a mark
// when it is followed. The mark says at which place the room was. So a room whose last
// entry grows old gets a mark that proves its place instead. And an empty room has a
// place, that of its mark, with the sequence 0.
//
// One loss is not seen: that of the last entries of a room, if an administrator deletes
// them one by one, by those who had not seen them.
type stored struct {
	chain.Link
	at time.Time // when the stream took it, by its clock
}

// end is where a room ends: at a place, and at the sequence of the last message.
type end struct {
	place rooms.Place
	seq   uint64
}

// end returns the end of the room if the message is the last.
func (e stored) end() end { return end{e.End(), e.Seq} }

// parse decodes a message of the stream.
func parse(msg *nats.Msg) (e stored, ok bool) {
	var err error
	e.Seq, err = strconv.ParseUint(stamped(msg, jetstream.SequenceHeader), 10, 64)
	if err != nil || e.Seq == 0 {
		return stored{}, false
	}
	e.at, err = time.Parse(time.RFC3339Nano, stamped(msg, jetstream.TimeStampHeaer))
	if err != nil {
		return stored{}, false
	}
	e.Tag, err = strconv.ParseUint(msg.Header.Get(tagHeader), 36, 64)
	if err == nil && e.Tag != 0 {
		e.Prev, e.Linked = chain.Parse(msg.Header.Get(prevHeader), 36)
		e.Mark = e.Linked && msg.Header.Get(untilHeader) == never
	} else {
		// The time is the same for all readers, so it can be the tag.
		e.Tag = uint64(e.at.UnixNano())
	}
	if !late(msg, e.at) {
		e.Data = append([]byte{}, msg.Data...)
	}
	return e, true
}

// stamped returns a header that the server has added. The publisher may have set one of
// the same name; the server's comes last.
func stamped(msg *nats.Msg, name string) string {
	values := msg.Header.Values(name)
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// late reports whether a delayed message reached the stream after Append had returned
// an error to its sender. Nobody may see such a message.
func late(msg *nats.Msg, at time.Time) bool {
	until, err := strconv.ParseInt(msg.Header.Get(untilHeader), 10, 64)
	return err == nil && at.UnixNano() > until
}
