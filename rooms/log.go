package rooms

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Log keeps the messages of rooms, in one order for all processes. rooms/memlog is a log
// for a single process, rooms/natsrooms has one on NATS JetStream, and rooms/redisrooms
// one on Redis. Package logtest tests an implementation. Many goroutines call the methods
// at the same time, but calls of Follow and Unfollow for one room never overlap. A method
// that panics has failed; for Append, that is an error that wraps [ErrUncertain].
type Log interface {
	// Append adds an entry with data to the room's log and returns its place. It returns
	// when the log has the entry, or soon after ctx ends; the log may set a shorter time.
	// It must not keep data after it returns.
	//
	// If the id was appended to this room within the log's window, Append adds nothing
	// and returns the first place. Any string is an id.
	//
	// An error that wraps [ErrUncertain] means that the log may have the entry. After any
	// other error the log does not have the entry, and never will. As far as the log can
	// tell, whatever reaches it after ctx has ended must not become an entry.
	Append(ctx context.Context, room, id string, data []byte) (Place, error)

	// Read returns the entries of the room after a place, oldest first. If it does not
	// return all of them, More is true. It includes everything that was appended, by
	// anyone, before the call. If the log cannot prove that the place is its own, and
	// that nothing after it is gone, Read returns the entries that there are, with Whole
	// false. The zero Place is before all entries; for it, Whole is always false.
	Read(ctx context.Context, room string, after Place) (Page, error)

	// Follow makes the log call receive for every entry that is appended to the room from
	// now on, by anyone. It returns the place of the last entry before that. Read must
	// accept that place even if the room has no entries.
	//
	// The log calls receive in its order, for one room from one goroutine at a time.
	// Receive blocks only in the user's code, and for at most five seconds if too much
	// waits for that code. The log may leave out entries if it then tells receive to look
	// (see [News]). After an outage it tells receive to look, with an error.
	//
	// Following continues after an outage. If Follow returns an error, the room is not
	// followed. Following a room twice is an error: it means that two Rooms share a log,
	// and each needs its own.
	Follow(ctx context.Context, room string, receive func(News)) (Place, error)

	// Unfollow ends what Follow began. It does not wait for a receive in progress. If
	// nobody follows the room, it does nothing.
	Unfollow(room string) error
}

// Place is where an entry is in the log of its room.
type Place struct {
	// Seq orders the entries of a room: later ones have higher numbers. There may be
	// gaps.
	Seq uint64
	// Tag distinguishes logs. A log that was lost and created again may give the same Seq
	// again, but never with the same Tag.
	Tag uint64
}

// Entry is one entry of a [Log].
type Entry struct {
	Place
	// Data belongs to the reader. Nil means that the entry has a place but no message,
	// such as one that came too late.
	Data []byte
}

// Page is what [Log].Read returns.
type Page struct {
	Entries []Entry
	// Whole means that no entry is missing: none between the place asked for and the
	// first entry, and none between the entries. It must never be true by mistake.
	Whole bool
	// More means that there are later entries: read again after the last one.
	More bool
}

// News is what a follower receives. It is a new entry; or, if Seq is 0, it tells the
// follower to look, that is, to read entries that it may not have received.
type News struct {
	Entry
	Prev Place // of the entry before this one in the room
	Err  error // the outage because of which to look, or nil
}

// logWait limits calls that have no context of their own: following, reading and
// broadcasting.
const logWait = 5 * time.Second

// Errors of rooms on a log.
var (
	// ErrUncertain is wrapped by errors that leave open whether the log has the message,
	// because the answer was lost. If the log has it, everyone gets it. To find out, say
	// it again with the same id.
	ErrUncertain = errors.New("the log may have the message")
	// ErrGap is why members are removed who cannot get everything that was said: the log
	// was lost and created again, or dropped entries before they were read.
	ErrGap = errors.New("rooms: the log does not have what the member has missed")

	errRemoved  = errors.New("the member was removed meanwhile")
	errOtherLog = errors.New("the log was made anew meanwhile")
)

// String returns the place as a position for clients: a short, opaque text. The zero
// Place is the empty string.
func (p Place) String() string {
	if p == (Place{}) {
		return ""
	}
	text := strconv.AppendUint(make([]byte, 0, 32), p.Seq, 36)
	text = strconv.AppendUint(append(text, '-'), p.Tag, 36)
	return string(text)
}

// parsePlace parses what String returned. It accepts nothing else, not even another way
// to write the same numbers.
func parsePlace(s string) (p Place, ok bool) {
	seq, tag, _ := strings.Cut(s, "-")
	var errs [2]error
	p.Seq, errs[0] = strconv.ParseUint(seq, 36, 64)
	p.Tag, errs[1] = strconv.ParseUint(tag, 36, 64)
	if errs[0] != nil || errs[1] != nil || p.String() != s {
		return Place{}, false
	}
	return p, true
}

// LogRooms is a [Rooms] on a log. Make one with [NewOnLog]. Besides what any Rooms does,
// it can tell that the log has a message, and what a client has missed.
type LogRooms[M any] struct {
	*Rooms[M]
	log *onLog[M]
}

// LogMember is a [Member] that has joined with [LogRooms.JoinAfter].
type LogMember[M any] struct {
	*Member[M]
	log *onLog[M]
}

// NewOnLog makes a [LogRooms]; nil options mean the defaults. The log keeps the messages
// and carries them to other processes; see the package documentation. Each LogRooms needs
// a log of its own. NewOnLog panics if the log is nil, if there is a Broker as well, or
// if the options contain another mistake, see [Options].Encode.
func NewOnLog[M any](log Log, o *Options[M]) *LogRooms[M] {
	if log == nil {
		panic("rooms: NewOnLog nil: a log is needed, or New")
	}
	c := compile(o, true)
	if c.Broker != nil {
		panic("rooms: Options.Broker: a log carries messages by itself")
	}
	l := &onLog[M]{newRooms(c), log, newOrigin()}
	l.carrier = l
	return &LogRooms[M]{l.Rooms, l}
}

// Say appends msg to the log of the named room, from outside any connection, and
// returns its position. All members of the room get it, in the order of the log. Say
// blocks until the log has the message or ctx ends, for at most five seconds if ctx has
// no deadline. It never waits for a member.
//
// The id identifies the message. If the same id is said again in the same room, by
// anyone and within the log's window, nothing is appended, and Say returns the first
// position. If id is empty, Say makes a new one. An id that comes from a client should
// begin with the client's name or account: otherwise one client can use up the ids of
// another.
//
// If the error wraps [ErrUncertain], the log may have the message, and then all members
// get it. To find out, say it again with the same id. After any other error nobody ever
// sees the message. It wraps [ErrUnsendable] if the members cannot be sent the message.
// OnError gets the same error.
func (r *LogRooms[M]) Say(
	ctx context.Context, name, id string, msg M,
) (position string, err error) {
	return r.log.say(ctx, name, id, msg, nil)
}

// Say is [LogRooms.Say] in the member's room; the member gets the message as well. It
// also works after the member has left.
func (m *LogMember[M]) Say(
	ctx context.Context, id string, msg M,
) (position string, err error) {
	return m.log.say(ctx, m.room.name, id, msg, nil)
}
