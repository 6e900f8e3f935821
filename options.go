package sockets

import (
	"fmt"
	"log"
	"os"
	"time"

	"github.com/gorilla/websocket"
)

// The levels of [Options.LogLevel], from the fewest lines to the most.
const (
	// what the program did wrong; zero means the default, see LogLevel
	LogLevelError   = 0
	LogLevelWarning = 1 // and what a client did wrong: refused requests, protocol errors
	LogLevelInfo    = 2 // and each connection's begin and end, vanished clients included
	LogLevelDebug   = 3 // and each message, ping and pong
)

// Options configures a handler made by [JSON], [Messages] or
// [ByteSliceMessages]. The zero value of a field means its default, and a nil
// *Options is the same as none. A negative duration or size switches that limit
// off; a negative buffer makes an unbuffered channel. The options are copied
// when the handler is made: changing them later changes nothing.
type Options struct {
	// Logger takes the lines of the library: "[Level] [remote address] text".
	// What a client sent is quoted in them, and cut where it is long. Default:
	// standard output with the prefix "[sockets] ".
	Logger *log.Logger

	// LogLevel is the most verbose level logged. Because LogLevelError is zero,
	// and zero means the default, errors alone are asked for by a value below
	// zero. Default: LogLevelInfo.
	LogLevel int

	// SkipLogging logs nothing, and formats nothing.
	SkipLogging bool

	// WriteWait is how long one write to the network may take; a write carries
	// all messages that waited. After that the connection ends with an error
	// that is a timeout (net.Error). It also bounds how long a send on the
	// sender can block, and how long what was sent before a close may take to
	// go out (60 s if it is off). Default: 60 s.
	WriteWait time.Duration

	// PongWait is how long a client may be silent. Any byte that it sends counts;
	// the time that the library waits for a slow handler does not. Default: 60 s.
	PongWait time.Duration

	// PingPeriod is the longest time between two pings; each is sent at a random
	// moment of its last fifth, so that many clients are not pinged at once. It must
	// be below PongWait, or a client that only listens would be dropped: if both are
	// set and it is not, the handler panics when it is made; if PongWait is zero, a
	// PingPeriod of 60 s or more counts as not set. Default: 8/10 of PongWait (48 s if
	// that is off). Negative: no pings, and clients must send something themselves.
	PingPeriod time.Duration

	// MaxMessageSize is the size in bytes of the largest message in either
	// direction. What a client sends is counted after decompression; compressed,
	// it may be an eighth and 1 KiB larger. A larger message ends the
	// connection: with 1009 and websocket.ErrReadLimit when the client sent it,
	// with 1011 and [ErrMessageTooBig] when the handler did. Default: 65536.
	MaxMessageSize int64

	// MaxSendSize is the size in bytes of the largest message that the handler
	// may send, if it differs from MaxMessageSize. Default: MaxMessageSize.
	// Negative: no limit.
	MaxSendSize int64

	// SendChannelBuffer is how many messages the sender, and the channel of
	// prepared messages, hold before a send blocks. Default: 10. Negative:
	// unbuffered. At most 2^20.
	SendChannelBuffer int

	// RecvChannelBuffer is how many messages the receiver holds before the library
	// stops reading from the client. Default: 10. Negative: unbuffered. At most 2^20.
	RecvChannelBuffer int

	// AllowedOrigin is a regular expression that is searched in the Origin header;
	// without ^ and $ a part of the header is enough. {{host}} in it, or any other
	// {{word}}, stands for the Host of the request, literally, letter case ignored.
	// A request without an Origin, as from most clients that are not browsers,
	// passes only if the empty string matches. Default: "^https?://{{host}}$".
	AllowedOrigin string

	// Upgrader, if not nil, decides on subprotocols, compression, buffers and
	// the handshake's timeout. It is copied, never written to. Its CheckOrigin,
	// if set, replaces AllowedOrigin; its Error, if set, writes the response to
	// a request that is refused.
	Upgrader *websocket.Upgrader

	// Group, if not nil, ties the connections of this handler to those of others:
	// to be shut down, counted and limited together. It is shared, not copied.
	Group *Group
}

const (
	defaultWait           = 60 * time.Second
	defaultMaxMessageSize = 64 << 10
	defaultBuffer         = 10
	defaultOrigin         = "^https?://{{host}}$"

	// longestWait is what longer waits are cut to: the end of one that begins
	// now would overflow.
	longestWait = 100 * 365 * 24 * time.Hour
	// largestBuffer is far more than a connection can want, and far less than
	// make takes.
	largestBuffer = 1 << 20
)

// config is what Options are compiled into, once: no field means "default" any
// more, and 0 is off in every limit.
type config struct {
	log            logger
	writeWait      time.Duration
	pongWait       time.Duration
	pingPeriod     time.Duration
	maxMessageSize int64
	maxSendSize    int64
	sendBuffer     int
	recvBuffer     int
	handshake      handshake
	group          *Group
}

// compile fills in the defaults, on a copy. It panics on mistakes (contract 1.6).
func compile(options []*Options) *config {
	if len(options) > 1 {
		misuse("Options", fmt.Sprintf("(%d of them)", len(options)), "give one, or none")
	}
	var o Options
	if len(options) > 0 && options[0] != nil {
		o = *options[0]
	}
	if o.PongWait > 0 && o.PingPeriod >= o.PongWait {
		misuse("PingPeriod", o.PingPeriod, "must be below PongWait, "+o.PongWait.String())
	}
	pongWait := min(limit(o.PongWait, defaultWait), longestWait)
	maxMessageSize := limit(o.MaxMessageSize, defaultMaxMessageSize)
	return &config{
		log:            newLogger(&o),
		writeWait:      min(limit(o.WriteWait, defaultWait), longestWait),
		pongWait:       pongWait,
		pingPeriod:     pingPeriod(o.PingPeriod, pongWait),
		maxMessageSize: maxMessageSize,
		maxSendSize:    limit(o.MaxSendSize, maxMessageSize),
		sendBuffer:     buffer("SendChannelBuffer", o.SendChannelBuffer),
		recvBuffer:     buffer("RecvChannelBuffer", o.RecvChannelBuffer),
		handshake:      newHandshake(&o),
		group:          o.Group,
	}
}

// buffer is the size of a channel.
func buffer(field string, size int) int {
	if size > largestBuffer {
		misuse(field, size, fmt.Sprintf("must be at most %d", largestBuffer))
	}
	return limit(size, defaultBuffer)
}

// limit is the default where v is zero, and off, which is 0, where v is negative.
func limit[T int | int64 | time.Duration](v, byDefault T) T {
	if v == 0 {
		return byDefault
	}
	return max(v, 0)
}

// pingPeriod is the given period, or 8/10 of pongWait. A period that is too
// long for a PongWait that was not given is treated as not given: the two are
// only known to contradict each other where both are set.
func pingPeriod(given, pongWait time.Duration) time.Duration {
	switch {
	case given < 0:
		return 0
	case pongWait == 0:
		return limit(given, defaultWait*8/10)
	case given == 0 || given >= pongWait:
		// The division comes first, so that a PongWait of years does not overflow.
		return max(pongWait/10*8, 1)
	}
	return given
}

func newLogger(o *Options) logger {
	l := logger{out: o.Logger, level: o.LogLevel, skip: o.SkipLogging}
	if l.out == nil {
		l.out = log.New(os.Stdout, "[sockets] ", 0)
	}
	if l.level == 0 {
		l.level = LogLevelInfo
	}
	return l
}
