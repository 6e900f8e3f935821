package rooms

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/gossip"
)

// PresenceOptions are copied by [NewPresence]. Zero values are the defaults. All
// processes should have the same.
type PresenceOptions[P any] struct {
	// Broker connects the presence with those of other processes. Nil, the default:
	// there is only this process. Give each presence a broker of its own, and kinds of
	// presence that must not meet, networks that do not (in natsbroker: prefixes).
	Broker Broker

	// Beat is how often a process says that it is alive. One that the others have not
	// heard for almost three beats leaves their lists: it was killed, or the network
	// stalls. When they hear it again, it comes back. Default 5 s.
	Beat time.Duration

	// MaxVisits is how many visits one process may have at the same time, in all rooms
	// together. Enter returns an error for more; what another process has beyond it is
	// refused. Default 65,536. Negative: no limit.
	MaxVisits int

	// MaxVisitSize is the most bytes of room, key and encoded value together. Default
	// 4096. Negative: 512 KiB, which a message can just carry.
	MaxVisitSize int

	// MaxBytes is about how much memory the visits of all other processes may take. More
	// is refused. Default 256 MiB. Negative: no limit.
	MaxBytes int

	// Encode and Decode turn values into bytes for the Broker and back, as those of
	// [Options] do, with the same defaults. A value that cannot be decoded, or becomes a nil
	// pointer, is not listed.
	Encode func(P) ([]byte, error)
	Decode func([]byte) (P, error)

	// OnChange is told who came to a room, changed or left it: all that happened since
	// it was told last, each person once. It is told of this process and of the others.
	// By then the lists may have more. It has a goroutine of its own while there is
	// something to tell, and may block and use the presence, which it is given because
	// it may be called before NewPresence has returned. It is called once at a time for
	// each room, but for several rooms at the same time.
	OnChange func(p *Presence[P], room string, changes []Change[P])

	// OnError is told what went wrong between processes: the broker's errors, wrapped,
	// messages that it lost, and what was refused, as [ErrUndecodable]. What was lost is
	// made good after the next beat that arrives. It must not block.
	OnError func(err error)
}

var (
	// ErrPresenceClosed is returned by Enter and Update after Close.
	ErrPresenceClosed = errors.New("rooms: the presence is closed")
	// ErrPresenceFull is returned by Enter for a visit beyond [PresenceOptions].MaxVisits.
	ErrPresenceFull = errors.New("rooms: too many visits in this process")
	// ErrVisitTooLarge is returned by Enter and Update for a visit that has more than
	// [PresenceOptions].MaxVisitSize bytes.
	ErrVisitTooLarge = errors.New("rooms: the visit has too many bytes")
	// ErrVisitorLeft is returned by Update after Leave.
	ErrVisitorLeft = errors.New("rooms: the visitor has left")
)

const (
	defaultBeat         = 5 * time.Second
	defaultMaxVisits    = 1 << 16
	defaultMaxVisitSize = 4 << 10
	largestVisit        = 512 << 10
	defaultMaxBytes     = 256 << 20
	presencePart        = 64 << 10 // bytes of a message, unless one visit needs more
)

// presenceConfig is PresenceOptions with the defaults filled in.
type presenceConfig[P any] struct{ PresenceOptions[P] }

func compilePresence[P any](o *PresenceOptions[P]) presenceConfig[P] {
	var c presenceConfig[P]
	if o != nil {
		c.PresenceOptions = *o
	}
	if c.Beat < 0 {
		panic(fmt.Sprintf("rooms: PresenceOptions.Beat %v: a period is not negative", c.Beat))
	}
	c.Beat = limit(c.Beat, defaultBeat)
	c.MaxVisits = limit(c.MaxVisits, defaultMaxVisits)
	c.MaxVisitSize = min(limit(c.MaxVisitSize, defaultMaxVisitSize), largestVisit)
	c.MaxBytes = limit(c.MaxBytes, defaultMaxBytes)
	c.fillCodec()
	if c.OnError == nil {
		c.OnError = func(error) {}
	}
	return c
}

func (c *presenceConfig[P]) fillCodec() {
	encode, decode, reason := defaultCodec[P]()
	if c.Broker != nil && (c.Encode == nil || c.Decode == nil) && reason != "" {
		panic(fmt.Sprintf("rooms: PresenceOptions.Encode, PresenceOptions.Decode nil: %v %s: "+
			"give both, or no Broker", reflect.TypeFor[P](), reason))
	}
	if c.Encode == nil {
		c.Encode = encode
	}
	if c.Decode == nil {
		c.Decode = decode
	}
}

func (c *presenceConfig[P]) limits() gossip.Limits {
	return gossip.Limits{
		Entries:   c.MaxVisits,
		EntrySize: c.MaxVisitSize,
		Bytes:     c.MaxBytes,
		Part:      presencePart,
	}
}
