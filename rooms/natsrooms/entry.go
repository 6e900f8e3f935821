package natsrooms

import (
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// The headers of an entry.
const (
	tagHeader   = "Rooms-Tag"   // rooms.Place.Tag, chosen at random by Append
	untilHeader = "Rooms-Until" // the latest time to be in the stream, by its clock
)

// entry decodes a message of the stream. at is when the stream took it.
func entry(msg *nats.Msg) (e rooms.Entry, at time.Time, ok bool) {
	var err error
	e.Seq, err = strconv.ParseUint(stamped(msg, jetstream.SequenceHeader), 10, 64)
	if err != nil || e.Seq == 0 {
		return rooms.Entry{}, at, false
	}
	at, err = time.Parse(time.RFC3339Nano, stamped(msg, jetstream.TimeStampHeaer))
	if err != nil {
		return rooms.Entry{}, at, false
	}
	e.Tag, err = strconv.ParseUint(msg.Header.Get(tagHeader), 36, 64)
	if err != nil || e.Tag == 0 {
		// Not appended by this package. The time is the same for all readers, so it can
		// be the tag.
		e.Tag = uint64(at.UnixNano())
	}
	if !late(msg, at) {
		e.Data = append([]byte{}, msg.Data...)
	}
	return e, at, true
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

// late reports whether a delayed message reached the stream after Append had returned an
// error to its sender. Nobody may see such a message.
func late(msg *nats.Msg, at time.Time) bool {
	until, err := strconv.ParseInt(msg.Header.Get(untilHeader), 10, 64)
	return err == nil && at.UnixNano() > until
}
