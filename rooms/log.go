package rooms

import (
	"context"
	"errors"
	"time"
)

// Log keeps what is said in rooms, in one order for all processes. [Memory] makes one for
// a single process; rooms/natslog is one on NATS JetStream; package logtest has a suite
// that proves an implementation. All methods are called by many goroutines at the same
// time, but for one room Follow and Unfollow are called in turns.
type Log interface {
	// Append adds data to the room's log and returns where it is. It returns when the log
	// has it, or soon after ctx has ended; it may set itself a shorter time. The log may
	// not keep data after it has returned.
	//
	// An id that was appended to this room not long ago, in the log's window, is not
	// appended again: Append returns the first place. Any string is an id.
	//
	// An error that wraps [ErrUncertain] says that the log may have the entry. After any
	// other error it does not have it and never will. What reaches the log after ctx has
	// ended must not become an entry, as far as the log can tell.
	Append(ctx context.Context, room, id string, data []byte) (Place, error)

	// Read returns entries of the room after a place, oldest first, up to the end of the
	// log; or some, and says that there are more. It includes all that was appended, by
	// anyone, before it was called. A place of which the log cannot prove that it is its
	// own, and that nothing after it is gone, gives what the log has and Whole false. The
	// zero Place is before everything; Whole is always false for it.
	Read(ctx context.Context, room string, after Place) (Page, error)

	// Follow lets receive be called for what is appended to the room from now on, by
	// anyone, and returns the place of the last entry before that. It must be a place
	// that Read can be asked about, even when the room has no entries. Receive is called
	// in the order of the log, for one room by one goroutine at a time, and does not
	// block, except for a time in the user's code. An entry may be left out if receive is
	// told to look; so may everything that a broken network swallows, if receive is told,
	// with the error, when it is whole again.
	//
	// Following outlives an outage. If Follow returns an error, nothing is followed.
	// Following a room twice is an error: two Rooms share a log that should have one
	// each.
	Follow(ctx context.Context, room string, receive func(News)) (Place, error)

	// Unfollow ends what Follow began. It does not wait for a receive, which may still be
	// running. Without a follower it does nothing.
	Unfollow(room string) error
}

// Place is where an entry is in the log of its room.
type Place struct {
	// Seq orders the entries of a room: later ones have higher numbers. Numbers may be
	// left out.
	Seq uint64
	// Tag tells apart logs that number alike: one that was lost and made anew gives a Seq
	// again, but never with the same Tag.
	Tag uint64
}

// Entry is what [Log].Append has added.
type Entry struct {
	Place
	// Data belongs to who reads it. Nil means that the entry holds its place and says
	// nothing, such as one that came too late.
	Data []byte
}

// Page is what [Log].Read returns.
type Page struct {
	Entries []Entry
	// Whole says that no entry is missing between the place that was asked for and the
	// first one, and none between them. It must never be true by mistake.
	Whole bool
	// More says that there are later entries: ask again after the last.
	More bool
}

// News is what a follower is told: an entry, or, when Seq is 0, to look for entries that
// it was not told of. Err says why it has to look, if it was an outage.
type News struct {
	Entry
	Prev Place // of the entry before this one in the room
	Err  error
}

// logWait bounds what has no context: following, reading, and broadcasting.
const logWait = 5 * time.Second

// What went wrong with a log.
var (
	// ErrNoLog is returned where [Options] have no Log.
	ErrNoLog = errors.New("rooms: there is no log")
	// ErrUncertain is returned, wrapped, when nobody can say whether the log has the
	// message: the answer was lost. If it is there, everyone gets it. Say it again with
	// the same id to learn.
	ErrUncertain = errors.New("the log may have the message")
	// ErrGap is the reason for removing members who can not be given all that was said:
	// the log was made anew, or has dropped entries before they were read.
	ErrGap = errors.New("rooms: the log does not have what the member has missed")

	errRemoved  = errors.New("the member was removed meanwhile")
	errOtherLog = errors.New("the log was made anew meanwhile")
)
