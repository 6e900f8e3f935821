package natsrooms

import (
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms"
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
type stored struct {
	rooms.Entry
	at time.Time // when the stream took it, by its clock

	// prev is the place in the room before it, the zero place if there was none. linked
	// is false for a message that was not appended by this package: nothing says what
	// was before it.
	prev   rooms.Place
	linked bool
	mark   bool // it is no entry, see chain
}

// end is where a room ends: at a place, and at the sequence of the last message.
type end struct {
	place rooms.Place
	seq   uint64
}

// end returns the end of the room if the message is the last. A mark leaves the room at
// the place before it. If there was none, the mark makes one, before all entries.
func (e stored) end() end {
	switch {
	case !e.mark:
		return end{e.Place, e.Seq}
	case e.prev == rooms.Place{}:
		return end{rooms.Place{Tag: e.Tag}, e.Seq}
	}
	return end{e.prev, e.Seq}
}

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
		e.prev, e.linked = parsePlace(msg.Header.Get(prevHeader))
		e.mark = e.linked && msg.Header.Get(untilHeader) == never
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

func formatPlace(p rooms.Place) string {
	return strconv.FormatUint(p.Seq, 36) + "-" + strconv.FormatUint(p.Tag, 36)
}

func parsePlace(s string) (p rooms.Place, ok bool) {
	seq, tag, _ := strings.Cut(s, "-")
	var errs [2]error
	p.Seq, errs[0] = strconv.ParseUint(seq, 36, 64)
	p.Tag, errs[1] = strconv.ParseUint(tag, 36, 64)
	return p, errs[0] == nil && errs[1] == nil
}
