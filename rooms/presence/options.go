package presence

import (
	"errors"
	"fmt"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/codec"
	"github.com/beatrichartz/martini-sockets/rooms/internal/limit"
	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
	"github.com/beatrichartz/martini-sockets/rooms/presence/internal/gossip"
)

// Options configures a [Presence]. [New] copies it. A zero field means its default. All
// processes should have the same options.
type Options[P any] struct {
	// Broker connects the presence with those of other processes. Each Presence needs a
	// broker of its own. Two kinds of presence need separate networks; with natsrooms,
	// use different prefixes. Default: nil, only this process is listed.
	Broker rooms.Broker

	// Beat is how often a process says that it is alive. If the others have not heard it
	// for almost three beats, because it was killed or the network is stuck, its people
	// leave their lists. They come back when it is heard again. Default: 5 s.
	Beat time.Duration

	// MaxVisits is how many visits one process can have at the same time, in all rooms
	// together. Beyond it, Enter returns an error, and visits of another process are
	// refused. Default: 65,536. Negative: no limit.
	MaxVisits int

	// MaxVisitSize is the largest size in bytes of a visit's room, key and encoded value
	// together. Default: 4096. Negative: 512 KiB, the most that fits into a message.
	MaxVisitSize int

	// MaxBytes is about how much memory the visits of all other processes may take.
	// Visits beyond it are refused. Default: 256 MiB. Negative: no limit.
	MaxBytes int

	// Encode and Decode turn values into bytes for the Broker and back. They have the
	// defaults of Encode and Decode in [rooms.Options]. A visit whose value cannot be
	// decoded, or becomes a nil pointer, is not listed.
	Encode func(P) ([]byte, error)
	Decode func([]byte) (P, error)

	// OnChange gets the people who came to a room, changed or left, in all processes.
	// Each call has all changes since the last one, each person once. The lists may
	// already have later changes.
	//
	// OnChange may block and use p. Each room has its own goroutine for it, while there
	// are changes to report. So calls for one room do not overlap; calls for several
	// rooms may. The first call may come before New returns.
	OnChange func(p *Presence[P], room string, changes []Change[P])

	// OnError gets the errors between processes: the broker's, wrapped; messages that the
	// broker lost; and refused messages, as [rooms.ErrUndecodable]. The next beat that
	// arrives makes up for what was lost. It also gets panics of OnChange, with the
	// stack; if it panics itself, the standard logger is told. OnError must not block.
	OnError func(err error)
}

var (
	// ErrClosed is returned by Enter and Update after Close.
	ErrClosed = errors.New("rooms: the presence is closed")
	// ErrFull is returned by Enter when this process has
	// [Options].MaxVisits visits.
	ErrFull = errors.New("rooms: too many visits in this process")
	// ErrVisitTooLarge is returned by Enter and Update for a visit larger than
	// [Options].MaxVisitSize.
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
	part                = 64 << 10 // bytes of a message, unless one visit needs more
)

// config is Options with the defaults filled in.
type config[P any] struct{ Options[P] }

func compile[P any](o *Options[P]) config[P] {
	var c config[P]
	if o != nil {
		c.Options = *o
	}
	if c.Beat < 0 {
		panic(fmt.Sprintf("rooms: Options.Beat %v: a period is not negative", c.Beat))
	}
	c.Beat = limit.Of(c.Beat, defaultBeat)
	c.MaxVisits = limit.Of(c.MaxVisits, defaultMaxVisits)
	c.MaxVisitSize = min(limit.Of(c.MaxVisitSize, defaultMaxVisitSize), largestVisit)
	c.MaxBytes = limit.Of(c.MaxBytes, defaultMaxBytes)
	if c.Broker != nil {
		c.Encode, c.Decode = codec.Fill(c.Encode, c.Decode)
	}
	hook := c.OnError
	c.OnError = func(err error) {
		if hook != nil {
			recovered.Tell("OnError", err, func() { hook(err) })
		}
	}
	return c
}

func (c *config[P]) limits() gossip.Limits {
	return gossip.Limits{
		Entries:   c.MaxVisits,
		EntrySize: c.MaxVisitSize,
		Bytes:     c.MaxBytes,
		Part:      part,
	}
}
