package natsrooms

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms/internal/subjects"
)

// LogOptions configures a [Log]. [NewLog] copies it. A zero field means its default.
// Count, Age, Bytes, Window, Memory and Replicas apply only when the stream is created;
// change those of an existing stream with nats stream edit.
type LogOptions struct {
	// Stream is the name of the stream. Default: "ROOMS".
	Stream string

	// Prefix begins each subject: the stream takes prefix.log.*, and republishes to
	// prefix.live.*. It is one or more NATS tokens without a quote. Default: "rooms".
	Prefix string

	// Count is how many messages of each room are kept. Default: 256. Negative: no
	// limit.
	Count int

	// Age is how long a message is kept. Default: 24 h. Negative: no limit.
	Age time.Duration

	// Bytes is the largest size of the whole stream. Beyond it, the oldest messages of
	// all rooms are dropped. Default: no limit.
	Bytes int64

	// Window is how long an id is remembered. The server keeps all ids of that time in
	// memory. If an answer is lost, the message is sent again, but only until a second
	// before its Window ends. Default: 2 min, or Age if that is less.
	Window time.Duration

	// Memory keeps the stream in the memory of the servers: a restart loses it.
	// Default: the stream is kept in files.
	Memory bool

	// Replicas is how many servers of a cluster keep the stream. Default: 1.
	Replicas int

	// API begins the subjects of JetStream's API, for a stream that is elsewhere: at a
	// hub with the JetStream domain "hub" it is "$JS.hub.API". An account that imports
	// the API may have others. Default: "$JS.API".
	API string

	// Provided means that someone else creates and configures the stream. The log then
	// never creates it, even if it is gone. The stream must take and republish the
	// subjects described at Prefix, and allow direct access.
	Provided bool

	// Wait limits how long appending, reading or following may take. Default: 5 s.
	Wait time.Duration

	// Pending is how many messages may wait for each of the log's workers. There are
	// GOMAXPROCS workers. Messages beyond it are dropped, and then read from the
	// stream. Default: 8192.
	Pending int

	// Connect makes a new connection if nats.go closes the current one for good, as
	// [BrokerOptions].Connect does. Default: no new connection is made.
	Connect func() (*nats.Conn, error)
}

func compileLog(o *LogOptions) LogOptions {
	var c LogOptions
	if o != nil {
		c = *o
	}
	c.Stream = cmp.Or(c.Stream, "ROOMS")
	c.Prefix = cmp.Or(c.Prefix, "rooms")
	c.API = cmp.Or(c.API, "$JS.API")
	c.Count = cmp.Or(c.Count, 256)
	c.Age = cmp.Or(c.Age, 24*time.Hour)
	c.Window = cmp.Or(c.Window, 2*time.Minute)
	c.Replicas = cmp.Or(c.Replicas, 1)
	c.Wait = cmp.Or(c.Wait, 5*time.Second)
	c.Pending = cmp.Or(c.Pending, 8192)
	if c.Age > 0 {
		c.Window = min(c.Window, c.Age)
	}
	if reason := subjects.BadPrefix(c.Prefix); reason != "" {
		panic(fmt.Sprintf("natsrooms: LogOptions.Prefix %q: %s", c.Prefix, reason))
	}
	if strings.ContainsAny(c.Stream, " \t\r\n\f.*>/\\\"") {
		panic(fmt.Sprintf("natsrooms: LogOptions.Stream %q: not the name of a stream", c.Stream))
	}
	if strings.ContainsAny(c.API, " \t\r\n\f*>\"") || strings.HasSuffix(c.API, ".") {
		panic(fmt.Sprintf("natsrooms: LogOptions.API %q: not the beginning of subjects", c.API))
	}
	if c.Pending < 0 || c.Wait < 0 || c.Window < 0 || c.Replicas < 0 {
		panic(fmt.Sprintf("natsrooms: LogOptions: a negative number: Pending %d, Wait %v, "+
			"Window %v, Replicas %d", c.Pending, c.Wait, c.Window, c.Replicas))
	}
	return c
}

// stream returns the configuration for creating the stream.
func (o *LogOptions) stream() jetstream.StreamConfig {
	c := jetstream.StreamConfig{
		Name:              o.Stream,
		Description:       "rooms that remember (rooms/natsrooms)",
		Subjects:          []string{o.Prefix + ".log.*"},
		Discard:           jetstream.DiscardOld,
		MaxMsgsPerSubject: int64(max(o.Count, 0)),
		MaxAge:            max(o.Age, 0),
		MaxBytes:          -1,
		Duplicates:        o.Window,
		Replicas:          o.Replicas,
		AllowDirect:       true,
		RePublish:         o.republish(),
	}
	if o.Memory {
		c.Storage = jetstream.MemoryStorage
	}
	if o.Bytes > 0 {
		c.MaxBytes = o.Bytes
	}
	return c
}

func (o *LogOptions) republish() *jetstream.RePublish {
	return &jetstream.RePublish{
		Source:      o.Prefix + ".log.*",
		Destination: o.Prefix + ".live.{{wildcard(1)}}",
	}
}

// check returns an error if an existing stream cannot keep what the log promises.
func (o *LogOptions) check(c jetstream.StreamConfig) error {
	want := o.republish()
	got := c.RePublish
	reason := ""
	switch {
	case len(c.Subjects) != 1 || c.Subjects[0] != want.Source:
		reason = fmt.Sprintf("it takes the subjects %q, want %q", c.Subjects, want.Source)
	case got == nil || got.HeadersOnly || got.Source != want.Source ||
		got.Destination != want.Destination:
		reason = fmt.Sprintf("it republishes %+v, want %+v", got, *want)
	case !c.AllowDirect:
		reason = "it does not allow direct access"
	case c.Retention != jetstream.LimitsPolicy || c.Discard != jetstream.DiscardOld:
		reason = fmt.Sprintf("retention %v, discards %v, want limits and the old",
			c.Retention, c.Discard)
	case c.NoAck:
		reason = "it acknowledges nothing, so nobody would know what it has"
	case c.Sealed:
		reason = "it is sealed: it takes nothing"
	case c.Mirror != nil || len(c.Sources) > 0:
		reason = "it copies another stream, which has an order of its own"
	case c.SubjectTransform != nil:
		reason = "it changes subjects, so that rooms are not found"
	case c.AllowMsgCounter:
		reason = "it counts, and has no messages"
	}
	if reason != "" {
		return fmt.Errorf("%w: %s", ErrStream, reason)
	}
	return nil
}
