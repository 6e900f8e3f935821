package natslog

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/nats-io/nats.go/jetstream"
)

// Options of a [Log]. They are copied by [New]; zero values are the defaults. Count, Age,
// Bytes, Window, Memory and Replicas are for the stream when it is made; one that is
// there keeps its own, and nats stream edit changes them.
type Options struct {
	// Stream is the name of the stream. Default "ROOMS".
	Stream string

	// Prefix begins each subject: prefix.log.* is what the stream takes, prefix.live.*
	// what it republishes. It is one or more NATS tokens. Default "rooms".
	Prefix string

	// Count is how many messages are kept of each room. Default 256; negative: no limit.
	Count int

	// Age is how long a message is kept. Default 24 h; negative: no limit.
	Age time.Duration

	// Bytes is how much the whole stream may take; the oldest messages of all rooms go
	// first. Default no limit.
	Bytes int64

	// Window is how long an id is remembered. Default 2 min, or Age if that is less. The
	// server remembers all ids of that time in memory.
	Window time.Duration

	// Memory keeps the stream in the memory of the servers: it is gone, for good, when
	// they restart. False, the default: in files.
	Memory bool

	// Replicas is how many servers of a cluster keep the stream. Default 1.
	Replicas int

	// Provided says that the stream is made and configured by somebody else: it is never
	// made here, not even when it is gone. It needs the subjects and the republishing
	// that Prefix stands for, and direct access.
	Provided bool

	// Wait bounds how long appending, reading or following takes. Default 5 s.
	Wait time.Duration

	// Pending is how many messages may wait for each of the log's goroutines, of which
	// there are as many as GOMAXPROCS when it was made. More are dropped, and then read
	// from the stream. Default 8192.
	Pending int
}

func compile(o *Options) Options {
	var c Options
	if o != nil {
		c = *o
	}
	fill(&c.Stream, "ROOMS")
	fill(&c.Prefix, "rooms")
	fill(&c.Count, 256)
	fill(&c.Age, 24*time.Hour)
	fill(&c.Window, 2*time.Minute)
	fill(&c.Replicas, 1)
	fill(&c.Wait, 5*time.Second)
	fill(&c.Pending, 8192)
	if c.Age > 0 {
		c.Window = min(c.Window, c.Age)
	}
	if reason := badPrefix(c.Prefix); reason != "" {
		panic(fmt.Sprintf("natslog: Options.Prefix %q: %s", c.Prefix, reason))
	}
	if strings.ContainsAny(c.Stream, " \t\r\n\f.*>/\\") {
		panic(fmt.Sprintf("natslog: Options.Stream %q: not the name of a stream", c.Stream))
	}
	if c.Pending < 0 || c.Wait < 0 || c.Window < 0 || c.Replicas < 0 {
		panic(fmt.Sprintf("natslog: Options %+v: a negative number", c))
	}
	return c
}

func fill[T comparable](field *T, otherwise T) {
	var zero T
	if *field == zero {
		*field = otherwise
	}
}

func badPrefix(prefix string) (reason string) {
	for token := range strings.SplitSeq(prefix, ".") {
		if token == "" {
			return "an empty token"
		}
	}
	switch {
	case strings.ContainsAny(prefix, "*>"):
		return "a wildcard"
	case strings.HasPrefix(prefix, "$"):
		return "subjects with $ are the server's own"
	case strings.ContainsFunc(prefix, blank):
		return "a blank"
	case len(prefix) > 1024:
		return "longer than 1024 bytes"
	}
	return ""
}

func blank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// stream is the configuration of the stream.
func (o *Options) stream() jetstream.StreamConfig {
	c := jetstream.StreamConfig{
		Name:              o.Stream,
		Description:       "rooms that remember (rooms/natslog)",
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

func (o *Options) republish() *jetstream.RePublish {
	return &jetstream.RePublish{
		Source:      o.Prefix + ".log.*",
		Destination: o.Prefix + ".live.{{wildcard(1)}}",
	}
}

// check says what is wrong with a stream that is there.
func (o *Options) check(c jetstream.StreamConfig) error {
	want := o.republish()
	got := c.RePublish
	switch {
	case len(c.Subjects) != 1 || c.Subjects[0] != want.Source:
		return fmt.Errorf("%w: subjects %q, want %q", ErrStream, c.Subjects, want.Source)
	case got == nil || got.HeadersOnly || got.Source != want.Source ||
		got.Destination != want.Destination:
		return fmt.Errorf("%w: republishes %+v, want %+v", ErrStream, got, *want)
	case !c.AllowDirect:
		return fmt.Errorf("%w: direct access is not allowed", ErrStream)
	case c.Retention != jetstream.LimitsPolicy || c.Discard != jetstream.DiscardOld:
		return fmt.Errorf("%w: retention %v, discards %v, want limits and the old",
			ErrStream, c.Retention, c.Discard)
	}
	return nil
}
