package sockets

import (
	"fmt"
	"log"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// The levels of [Options.LogLevel], from the fewest lines to the most. Each
// includes those before it.
const (
	// LogLevelError is for mistakes of the program. As Options.LogLevel it is zero,
	// which means the default.
	LogLevelError = 0
	// LogLevelWarning is for mistakes of a client: refused requests, protocol errors.
	LogLevelWarning = 1
	// LogLevelInfo is for the start and the end of each connection, vanished clients
	// included.
	LogLevelInfo = 2
	// LogLevelDebug is for each message, ping and pong.
	LogLevelDebug = 3
)

// Options configures a handler, for any router or for Martini. A nil *Options means
// the defaults, and so does the zero value of a field. A negative duration or size
// switches that limit off; a negative buffer makes an unbuffered channel. The options
// are copied when the handler is made: later changes have no effect.
type Options struct {
	// Logger receives the library's log lines: "[Level] [remote address] text".
	// Text from a client is quoted, and cut if it is long. Default: standard
	// output with the prefix "[sockets] ".
	Logger *log.Logger

	// Slog receives the same lines as records, with the attributes remote, route and,
	// where they apply, by, code, reason, size, method, status, origin and host. It may
	// be set beside Logger. Text from a client is cut if it is long; the slog.Handler
	// quotes it. Default: none. If only Slog is set, nothing goes to standard output.
	Slog *slog.Logger

	// LogLevel is the most verbose level logged. LogLevelError is zero, which means
	// the default; use a negative value to log errors only. Default: LogLevelInfo.
	LogLevel int

	// SkipLogging turns logging off; nothing is formatted either.
	SkipLogging bool

	// WriteWait is how long one write to the network may take; a write carries
	// all messages that were waiting. If it takes longer, the connection ends
	// with a timeout (a net.Error). WriteWait also limits how long a send on
	// the sender can block, and how long messages sent before a close may take
	// to go out (60 s if WriteWait is off). Default: 60 s.
	WriteWait time.Duration

	// PongWait is how long a client may be silent. Any byte from the client counts as a
	// sign of life; over TLS, any complete record of application data. So does, on Linux,
	// that the network takes some of what waits for a client that reads slowly. The time
	// that the library waits for a slow handler does not count, nor does time in which
	// the process was stopped. Default: 60 s.
	PongWait time.Duration

	// PingPeriod is the longest time between two pings. Each ping goes out at a
	// random moment in the last fifth of it, so that many clients are not
	// pinged at once. PingPeriod must be below PongWait, or a client that only
	// listens would be dropped: if both are set and it is not below, making the
	// handler panics. If PongWait is zero, a PingPeriod of 60 s or more counts
	// as not set. Default: 8/10 of PongWait (48 s if PongWait is off).
	// Negative: no pings; clients must send something themselves.
	PingPeriod time.Duration

	// MaxMessageSize is the size in bytes of the largest message, in both
	// directions. A message from a client is measured after decompression;
	// compressed it may be an eighth and 1 KiB larger. A larger message ends
	// the connection: with 1009 and websocket.ErrReadLimit if the client sent
	// it, with 1011 and [ErrMessageTooBig] if the handler did. Default: 65536.
	MaxMessageSize int64

	// MaxSendSize is the size in bytes of the largest message that the handler
	// may send. Default: MaxMessageSize. Negative: no limit.
	MaxSendSize int64

	// SendChannelBuffer is how many messages the sender channel holds before a
	// send blocks. The prepared channel holds as many. Default: 10. Negative:
	// unbuffered. Maximum: 2^20.
	SendChannelBuffer int

	// RecvChannelBuffer is how many messages the receiver channel holds before
	// the library stops reading from the client. Default: 10. Negative:
	// unbuffered. Maximum: 2^20.
	RecvChannelBuffer int

	// SocketSendBuffer is the size in bytes of the send buffer that the system keeps for
	// a connection (SO_SNDBUF, see net.TCPConn.SetWriteBuffer; Linux doubles it). What is
	// in it has left the library but has not reached the client: a client that reads
	// slowly is behind by as much, which can be megabytes. A dashboard that sends values,
	// which are soon out of date, sets 32 KiB. Default: the system's, which grows with
	// the load.
	SocketSendBuffer int

	// AllowedOrigin is a regular expression that the Origin header must match. Without ^
	// and $ a match of any part of the header is enough. {{host}}, or any other {{word}},
	// stands for the literal Host of the request in either letter case. The port that the
	// scheme implies may be there or not, in both. Most clients other than browsers send
	// no Origin; they pass only if the expression matches the empty string. Default:
	// "^https?://{{host}}$".
	AllowedOrigin string

	// Upgrader, if not nil, sets subprotocols, compression, buffers and the handshake
	// timeout. It is copied, never written to. Its CheckOrigin, if set, replaces
	// AllowedOrigin. Its Error, if set, writes the response to a refused request.
	Upgrader *websocket.Upgrader

	// Group, if not nil, joins the connections of this handler to those of
	// others that have the same Group: they are shut down, counted and limited
	// together. It is shared, not copied.
	Group *Group
}

const (
	defaultWait           = 60 * time.Second
	defaultMaxMessageSize = 64 << 10
	defaultBuffer         = 10
	defaultOrigin         = "^https?://{{host}}$"

	// longestWait replaces all longer waits, whose end would overflow.
	longestWait = 100 * 365 * 24 * time.Hour
	// largestBuffer is far more than a connection needs, and far less than make
	// accepts.
	largestBuffer = 1 << 20
)

// config is the compiled form of Options. All defaults are filled in, and 0
// means off for every limit.
type config struct {
	log            logger
	writeWait      time.Duration
	pongWait       time.Duration
	pingPeriod     time.Duration
	maxMessageSize int64
	maxSendSize    int64
	sendBuffer     int
	socketBuffer   int
	recvBuffer     int
	handshake      handshake
	group          *Group
	overdue        atomic.Int64 // handlers that were warned of and have not returned
}

// compile fills in the defaults, on a copy. It panics if it finds a mistake
// (contract 1.6).
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
		socketBuffer:   max(o.SocketSendBuffer, 0),
		recvBuffer:     buffer("RecvChannelBuffer", o.RecvChannelBuffer),
		handshake:      newHandshake(&o),
		group:          o.Group,
	}
}

// buffer returns the size of a channel.
func buffer(field string, size int) int {
	if size > largestBuffer {
		misuse(field, size, fmt.Sprintf("must be at most %d", largestBuffer))
	}
	return limit(size, defaultBuffer)
}

// limit returns the default if v is zero, and 0 (off) if v is negative.
func limit[T int | int64 | time.Duration](v, byDefault T) T {
	if v == 0 {
		return byDefault
	}
	return max(v, 0)
}

// pingPeriod returns the given period, or 8/10 of pongWait. If only the period
// was given and it is too long, it counts as not given; compile refuses the
// contradiction if both were.
func pingPeriod(given, pongWait time.Duration) time.Duration {
	switch {
	case given < 0:
		return 0
	case pongWait == 0:
		return limit(given, defaultWait*8/10)
	case given == 0 || given >= pongWait:
		// Divide first, so that a PongWait of years does not overflow.
		return max(pongWait/10*8, 1)
	}
	return given
}

func newLogger(o *Options) logger {
	l := logger{out: o.Logger, slog: o.Slog, level: o.LogLevel, skip: o.SkipLogging}
	if l.out == nil && l.slog == nil {
		l.out = log.New(os.Stdout, "[sockets] ", 0)
	}
	if l.level == 0 {
		l.level = LogLevelInfo
	}
	return l
}
