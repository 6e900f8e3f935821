package rooms

import (
	"math"
	"time"
)

// Options configures a [Rooms]: how far a member may fall behind, and how rooms reach
// other processes. [New] copies it. A zero field means its default. A negative Backlog,
// BacklogBytes or Grace switches that limit off.
type Options[M any] struct {
	// Backlog is how many messages may wait for one member, besides those in its
	// channel. A member that exceeds it is removed with [ErrBacklog]. Default: 256. If
	// it is off, a member that is stuck takes memory until Grace is over.
	Backlog int

	// BacklogBytes is how many bytes may wait for one member. It applies if M is string
	// or []byte, or has a method Len() int; for other types it is ignored. A message
	// larger than BacklogBytes removes every member that cannot take it at once.
	// Default: 1 MiB.
	BacklogBytes int

	// Grace is how long a member that is behind may take nothing. Each message it takes
	// starts Grace again. After that it is removed with [ErrStalled]. Default: 10 s.
	Grace time.Duration

	// Broker connects the rooms with those of other processes. Each Rooms needs a broker
	// of its own. Rooms with different types of messages need separate networks; with
	// natsrooms, use different prefixes. Default: nil, all stays in this process.
	Broker Broker

	// Log keeps the messages of the rooms, and carries them to other processes. Use it
	// instead of a Broker; see the package documentation. Default: nil, nothing is kept.
	Log Log

	// Stamp marks a message from the Log with its position, before it goes to the members
	// in this process, so that their clients learn the position. The message was decoded
	// for this process alone: Stamp may change and return it, or return another one.
	// Default: messages stay unchanged.
	Stamp func(msg M, position string) M

	// Encode and Decode turn messages into bytes for the Broker or the Log, and back.
	// Without either they are not called. By default, string and []byte are sent as they
	// are; if M has MarshalBinary and UnmarshalBinary, those are used (for a *T, on a new
	// T); everything else becomes JSON. A nil message is an error.
	//
	// Encode is called once for each broadcast; with a Broker, after the members in this
	// process have been sent the message. If it fails, Broadcast returns its error; if it
	// panics, so does Broadcast. Decode may keep its argument. A message counts as
	// undecodable if Decode, Stamp or the Len of what they return panics, or if they
	// return a nil pointer, which would end the connections of all members.
	//
	// New panics if there is a Broker or a Log and M is a type that JSON would lose, such
	// as a struct without exported fields. *websocket.PreparedMessage is such a type, so
	// rooms of it stay in one process; use *sockets.Prepared instead.
	Encode func(M) ([]byte, error)
	Decode func([]byte) (M, error)

	// OnRemove is called for each member that was removed, with its attached value and
	// the reason: [ErrBacklog], [ErrStalled], [ErrSenderClosed] or [ErrGap]. Nothing is
	// sent to the member any more. OnRemove is not called for Leave. Each call has a
	// goroutine of its own, so it may block and use the rooms. Several calls may run at
	// once.
	OnRemove func(room string, attached any, reason error)

	// OnError is called with every error between processes: errors of the broker or the
	// log, wrapped; [ErrSlowBroker]; messages that were, or may have been, lost in an
	// outage; and messages that cannot be decoded ([ErrUndecodable]). It must not block,
	// because it runs in the goroutine that met the error: the broker's or the log's, or
	// the one that called Broadcast, Say, Join or Leave.
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

// limit returns the default for zero, and the highest number for a limit that is off.
func limit[N int | time.Duration](given, otherwise N) N {
	switch {
	case given == 0:
		return otherwise
	case given < 0:
		return N(math.MaxInt)
	}
	return given
}
