package rooms

import (
	"math"
	"time"
)

// Options say how much a slow member may hold back, and how a room reaches other
// processes. They are copied by [New]. Zero values are the defaults; a negative Backlog,
// BacklogBytes or Grace switches that limit off.
type Options[M any] struct {
	// Backlog is how many messages may wait for one member, on top of what its channel
	// holds. One more, and the member is removed with [ErrBacklog]. Default 256. Switched
	// off, a member that is stuck takes memory until Grace is over.
	Backlog int

	// BacklogBytes is how many bytes may wait for one member. It counts where M is string
	// or []byte, or has a method Len() int; for other types it is ignored. Default 1 MiB.
	// A single message that is larger removes every member that cannot take it at once.
	BacklogBytes int

	// Grace is how long a backlog may stand still: a member that takes nothing from it
	// for that long is removed with [ErrStalled]. Default 10 s. One message taken starts
	// it anew.
	Grace time.Duration

	// Broker connects the rooms with those of other processes. Nil, the default:
	// everything stays in the process. Give each Rooms a broker of its own, and kinds of
	// messages that must not meet, networks that do not (in natsbroker: prefixes).
	Broker Broker

	// Log keeps what is said in the rooms, and carries it to other processes, instead of
	// a Broker: see the package documentation. Nil, the default: nothing is kept.
	Log Log

	// Stamp marks a message from the Log with its position, on its way to the members of
	// this process, so that their clients learn it. The message was decoded for this
	// process alone: Stamp may change it and return it, or return another. Nil: messages
	// stay as they are.
	Stamp func(msg M, position string) M

	// Encode and Decode turn messages into bytes for the Broker and back; they are not
	// called without one. The defaults take string and []byte as they are, call
	// MarshalBinary and UnmarshalBinary where M has both (for a *T, on a new T), and make
	// JSON of everything else; a nil message is an error. Encode is called once for each
	// broadcast, after the members of this process were served; its error is Broadcast's.
	// A panic in it is the caller's. What Decode gets is its own to keep. A panic in Decode,
	// in Stamp or in the Len of what they return is an undecodable message, and so is a nil
	// pointer: it would end the connections of all members.
	//
	// New panics when a Broker is given and M is something that JSON would lose, such as
	// a struct without exported fields. *websocket.PreparedMessage is one, and does not
	// give its bytes away: rooms of it stay in one process. *sockets.Prepared does.
	Encode func(M) ([]byte, error)
	Decode func([]byte) (M, error)

	// OnRemove is told of each member that was removed, with what it had attached and the
	// reason: [ErrBacklog], [ErrStalled] or [ErrSenderClosed]. Nothing is sent to the
	// member any more. It is not called for Leave. It has a goroutine of its own, may
	// block, and may use the rooms; several calls may run at the same time.
	OnRemove func(room string, attached any, reason error)

	// OnError is told of everything that went wrong between processes: publishing and
	// subscribing (the broker's error, wrapped, or [ErrSlowBroker]), messages that the
	// broker lost or may have lost in an outage, and undecodable ones ([ErrUndecodable]).
	// It is called by the goroutine that met the error, the broker's or that of
	// Broadcast, Join or Leave, and so must not block.
	OnError func(room string, err error)
}

const (
	defaultBacklog      = 256
	defaultBacklogBytes = 1 << 20
	defaultGrace        = 10 * time.Second
)

// config is Options with the defaults filled in.
type config[M any] struct {
	Options[M]
	length func(M) int // nil where M has none
}

func compile[M any](o *Options[M]) config[M] {
	var c config[M]
	if o != nil {
		c.Options = *o
	}
	c.Backlog = limit(c.Backlog, defaultBacklog)
	c.BacklogBytes = limit(c.BacklogBytes, defaultBacklogBytes)
	c.Grace = limit(c.Grace, defaultGrace)
	c.length = lengthOf[M]()
	if c.Broker != nil && c.Log != nil {
		panic("rooms: Options.Broker, Options.Log: a log carries messages by itself, give one of the two")
	}
	if c.Broker != nil || c.Log != nil {
		c.Encode, c.Decode = codec(c.Encode, c.Decode)
	}
	if c.OnRemove == nil {
		c.OnRemove = func(string, any, error) {}
	}
	if c.OnError == nil {
		c.OnError = func(string, error) {}
	}
	return c
}

// limit fills in the default for zero, and the highest number for a limit that is
// switched off.
func limit[N int | time.Duration](given, otherwise N) N {
	switch {
	case given == 0:
		return otherwise
	case given < 0:
		return N(math.MaxInt)
	}
	return given
}
