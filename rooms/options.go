package rooms

import (
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/codec"
	"github.com/beatrichartz/martini-sockets/rooms/internal/limit"
	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
)

// Options configures a [Rooms]: how far a member may fall behind, and how rooms reach
// other processes. [New] copies it. A zero field means its default. A negative
// limit is switched off.
type Options[M any] struct {
	// Backlog is how many messages may wait for one member, besides those in its
	// channel. A member that exceeds it is removed with [ErrBacklog]. Default: 256, or
	// 8,192 with Latest. If it is off, a member that is stuck takes memory until Grace is
	// over.
	Backlog int

	// BacklogBytes is how many bytes may wait for one member. It applies if M is string
	// or []byte, or has a method Len() int; for other types it is ignored. A message
	// larger than BacklogBytes removes every member that cannot take it at once. For
	// every type, it also limits what [LogRooms.JoinAfter] returns, by the bytes in the
	// log. Default: 1 MiB.
	BacklogBytes int

	// Grace is how long a member that is behind may take nothing. Each message it takes
	// starts Grace again. After that it is removed with [ErrStalled]. Default: 10 s.
	Grace time.Duration

	// Latest returns the key of a message, such as the name of the value that it has. It
	// is for messages of which only the newest counts. A message replaces an older one
	// with the same key that still waits for a member, so a member that is slow skips
	// what is out of date. It gets the newest of each key, in the order of the
	// broadcasts. A message with the key "" replaces nothing, and all get it.
	//
	// At most two messages of a key wait for a member. So Backlog should be twice the
	// number of keys or more, and BacklogBytes should have room for as much. A member is
	// then removed only if it takes nothing for the Grace. For rooms of
	// *sockets.Prepared, give (*sockets.Prepared).Key.
	//
	// Latest is called once for each message, before anybody gets it; with a log, also
	// for what is read from it, before Stamp. If it panics, the message cannot be sent
	// ([ErrUnsendable]). Default: no keys.
	Latest func(M) string

	// Retain makes each room keep the newest message of each key, for those who
	// [Rooms.Join] it. They get these messages first, in the order of the broadcasts.
	// Join waits for the broadcast in progress then. A room keeps what was said in it, or
	// came from elsewhere, while it had members in this process; it keeps at most half of
	// Backlog and BacklogBytes, and drops what was said first. A member that was left out
	// by a broadcast gets its message if it joins again. What a broker has lost, as OnError
	// says, is missing from what is kept as it is for the members, until the next message
	// of its key. [LogRooms.JoinAfter] gives what the log has instead. New panics if there
	// is no Latest. Default: nothing is kept.
	Retain bool

	// MaxMessageSize is the size in bytes of the largest message that may be said. A
	// larger one is an error for the one who says it ([ErrMessageTooBig]), and no member
	// gets it: sockets that cannot send a message would close. It should be no larger
	// than the MaxSendSize of the members' sockets. Default: 65,536, as there.
	//
	// The size is that of what a client gets: of the string, the []byte or the JSON; or
	// what Len returns, if M has that method and those for binary encoding. With a Stamp,
	// it is the size of the stamped message. What has no size is refused too
	// ([ErrUnsendable]): nil, a string that is not valid UTF-8, and a message that has no
	// JSON, such as a struct with a NaN. To find out, a message that becomes JSON is
	// encoded one time more than there are members. If JSON would lose an M, such as a
	// struct without exported fields, its messages are not measured.
	//
	// Negative: no limit, and no message is measured or refused. Use it if no socket
	// sends the messages.
	MaxMessageSize int

	// Broker connects the rooms with those of other processes. Each Rooms needs a broker
	// of its own. Rooms with different types of messages need separate networks; with
	// natsrooms, use different prefixes. Default: nil, all stays in this process.
	Broker Broker

	// Stamp is for [NewOnLog] only. It marks a message from the log with its position,
	// before it goes to the members in this process, so that their clients learn the
	// position. The message was decoded for this process alone: Stamp may change and
	// return it, or return another one. Say calls Stamp too, for a copy that it only
	// measures, with a position that is as long as any. Default: messages stay unchanged.
	Stamp func(msg M, position string) M

	// Encode and Decode turn messages into bytes for the Broker or the log, and back.
	// Without either they are not called. By default, string and []byte are sent as they
	// are; if M has MarshalBinary and UnmarshalBinary, those are used (for a *T, on a new
	// T); everything else becomes JSON. A nil message is an error.
	//
	// Encode is called once for each broadcast, before anybody gets the message. If it
	// fails or panics, Broadcast returns an error and nobody gets it. Decode may keep its
	// argument. A message counts as undecodable if Decode or Stamp fails, panics or
	// returns nil, or if the message exceeds MaxMessageSize.
	//
	// New panics if there is a Broker or a log and M is a type that JSON would lose, such
	// as a struct without exported fields. *websocket.PreparedMessage is such a type, so
	// rooms of it stay in one process; use *sockets.Prepared instead.
	Encode func(M) ([]byte, error)
	Decode func([]byte) (M, error)

	// OnRemove is called for each member that was removed, with its attached value and
	// the reason. The reason wraps [ErrBacklog], [ErrStalled], [ErrSenderClosed] or
	// [ErrGap]. Nothing is sent to the member any more. OnRemove is not called for Leave.
	// Each call has a goroutine of its own, so it may block and use the rooms. Several
	// calls may run at once. OnError gets a panic in it.
	OnRemove func(room string, attached any, reason error)

	// OnError is called with every error that is not a member's own: errors of the broker
	// or the log, wrapped; [ErrSlowBroker]; messages that were, or may have been, lost in
	// an outage, or that have not arrived ([ErrMissed]); messages that cannot be decoded
	// ([ErrUndecodable]) or were refused ([ErrUnsendable]); a member that waits for Start
	// ([ErrNotStarted]); and panics of the program's own code, with the stack. It must
	// not block, because the goroutine that met the error waits for it: the broker's or
	// the log's, or the one that called Broadcast or Say. So let another goroutine say
	// what OnError has to say in a room on a log. If OnError panics, the standard logger
	// is told.
	OnError func(room string, err error)
}

const (
	defaultBacklog        = 256
	defaultKeyedBacklog   = 8 << 10 // with Latest
	defaultBacklogBytes   = 1 << 20
	defaultGrace          = 10 * time.Second
	defaultMaxMessageSize = 64 << 10 // the default of sockets
)

// config is Options with the defaults filled in.
type config[M any] struct {
	Options[M]
	length        func(M) int          // nil where M has none
	sizeOf        func(M) (int, error) // nil where it is unknown
	travelsAsJSON bool                 // between processes, as it is measured
	plain         bool                 // no code of the program's decodes a message
}

// compile fills in the defaults. It panics if the options contain a mistake.
func compile[M any](o *Options[M], onLog bool) config[M] {
	var c config[M]
	if o != nil {
		c.Options = *o
	}
	if c.Latest != nil {
		c.Backlog = limit.Of(c.Backlog, defaultKeyedBacklog)
	}
	c.Backlog = limit.Of(c.Backlog, defaultBacklog)
	c.BacklogBytes = limit.Of(c.BacklogBytes, defaultBacklogBytes)
	c.Grace = limit.Of(c.Grace, defaultGrace)
	c.MaxMessageSize = limit.Of(c.MaxMessageSize, defaultMaxMessageSize)
	c.length, c.sizeOf = codec.Length[M](), codec.Size[M]()
	if c.Stamp != nil && !onLog {
		panic("rooms: Options.Stamp: only messages of a log have positions, use NewOnLog")
	}
	if c.Retain && c.Latest == nil {
		panic("rooms: Options.Retain true: messages need keys, set Latest")
	}
	if c.Broker != nil || onLog {
		c.travelsAsJSON = c.Encode == nil && codec.IsJSON[M]()
		c.plain = c.Decode == nil && c.Stamp == nil && c.Latest == nil && codec.IsPlain[M]()
		c.Encode, c.Decode = codec.Fill(c.Encode, c.Decode)
	} else {
		c.Encode = nil
	}
	if c.OnRemove == nil {
		c.OnRemove = func(string, any, error) {}
	}
	hook := c.OnError
	c.OnError = func(room string, err error) {
		if hook != nil {
			recovered.Tell("OnError", err, func() { hook(room, err) })
		}
	}
	return c
}
