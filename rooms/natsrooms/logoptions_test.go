package natsrooms

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

func TestMistakesPanic(t *testing.T) {
	tests := []struct {
		name    string
		options LogOptions
		want    string
	}{
		{name: "empty token", options: LogOptions{Prefix: "a..b"},
			want: `LogOptions.Prefix "a..b": an empty token`},
		{name: "star", options: LogOptions{Prefix: "a.*"},
			want: `natsrooms: LogOptions.Prefix "a.*": a wildcard`},
		{name: "all", options: LogOptions{Prefix: ">"}, want: `LogOptions.Prefix ">": a wildcard`},
		{name: "system", options: LogOptions{Prefix: "$JS"},
			want: `LogOptions.Prefix "$JS": subjects with $`},
		{name: "blank", options: LogOptions{Prefix: "a b"}, want: `natsrooms: LogOptions.Prefix "a b": a blank`},
		{name: "quote", options: LogOptions{Prefix: `a"b`}, want: `LogOptions.Prefix "a\"b": a quote`},
		{name: "stream with a quote", options: LogOptions{Stream: `a"`}, want: "not the name of a"},
		{name: "API with a quote", options: LogOptions{API: `a"b`}, want: "not the beginning of"},
		{name: "long", options: LogOptions{Prefix: strings.Repeat("a", 1025)},
			want: "longer than 1024 bytes"},
		{name: "stream", options: LogOptions{Stream: "a.b"},
			want: `LogOptions.Stream "a.b": not the name of a stream`},
		{name: "API with an end", options: LogOptions{API: "a."}, want: `LogOptions.API "a.": not`},
		{name: "API with a blank", options: LogOptions{API: "a b"}, want: `LogOptions.API "a b": not`},
		{name: "pending", options: LogOptions{Pending: -1}, want: "a negative number"},
		{name: "wait", options: LogOptions{Wait: -1}, want: "a negative number"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			defer func() {
				if got, _ := recover().(string); !strings.Contains(got, test.want) {
					t.Errorf("compileLog(%+v) panics with %q, want %q", test.options, got, test.want)
				}
			}()
			compileLog(&test.options)
		})
	}
}

func TestStreamConfig(t *testing.T) {
	tests := []struct {
		name    string
		options LogOptions
		want    func(jetstream.StreamConfig) bool
	}{
		{name: "defaults",
			want: func(c jetstream.StreamConfig) bool {
				return c.Name == "ROOMS" && c.MaxMsgsPerSubject == 256 && c.MaxAge == 24*time.Hour &&
					c.Duplicates == 2*time.Minute && c.Storage == jetstream.FileStorage &&
					c.Replicas == 1 && c.MaxBytes == -1
			}},
		{name: "no limits", options: LogOptions{Count: -1, Age: -1},
			want: func(c jetstream.StreamConfig) bool {
				return c.MaxMsgsPerSubject == 0 && c.MaxAge == 0
			}},
		{name: "window within the age", options: LogOptions{Age: time.Minute},
			want: func(c jetstream.StreamConfig) bool {
				return c.Duplicates == time.Minute
			}},
		{name: "given", options: LogOptions{Memory: true, Replicas: 3, Bytes: 1e9},
			want: func(c jetstream.StreamConfig) bool {
				return c.Storage == jetstream.MemoryStorage && c.Replicas == 3 && c.MaxBytes == 1e9
			}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := compileLog(&test.options)
			c := o.stream()
			if !test.want(c) || o.check(c) != nil {
				t.Errorf("stream of %+v = %+v, check %v", test.options, c, o.check(c))
			}
		})
	}
}

// A stream that is something else is refused, and says why.
func TestCheck(t *testing.T) {
	o := compileLog(nil)
	tests := []struct {
		name   string
		change func(*jetstream.StreamConfig)
	}{
		{name: "subjects", change: func(c *jetstream.StreamConfig) {
			c.Subjects = []string{"other"}
		}},
		{name: "more subjects", change: func(c *jetstream.StreamConfig) {
			c.Subjects = append(c.Subjects, "other")
		}},
		{name: "does not republish", change: func(c *jetstream.StreamConfig) {
			c.RePublish = nil
		}},
		{name: "republishes headers", change: func(c *jetstream.StreamConfig) {
			c.RePublish.HeadersOnly = true
		}},
		{name: "republishes elsewhere", change: func(c *jetstream.StreamConfig) {
			c.RePublish.Destination = "x"
		}},
		{name: "republishes else", change: func(c *jetstream.StreamConfig) {
			c.RePublish.Source = "x"
		}},
		{name: "no direct access", change: func(c *jetstream.StreamConfig) {
			c.AllowDirect = false
		}},
		{name: "a work queue", change: func(c *jetstream.StreamConfig) {
			c.Retention = jetstream.WorkQueuePolicy
		}},
		{name: "acknowledges nothing", change: func(c *jetstream.StreamConfig) { c.NoAck = true }},
		{name: "sealed", change: func(c *jetstream.StreamConfig) { c.Sealed = true }},
		{name: "a mirror", change: func(c *jetstream.StreamConfig) {
			c.Mirror = &jetstream.StreamSource{Name: "x"}
		}},
		{name: "has sources", change: func(c *jetstream.StreamConfig) {
			c.Sources = []*jetstream.StreamSource{{Name: "x"}}
		}},
		{name: "transforms", change: func(c *jetstream.StreamConfig) {
			c.SubjectTransform = &jetstream.SubjectTransformConfig{Source: ">", Destination: "x"}
		}},
		{name: "counts", change: func(c *jetstream.StreamConfig) { c.AllowMsgCounter = true }},
		{name: "refuses new ones", change: func(c *jetstream.StreamConfig) {
			c.Discard = jetstream.DiscardNew
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := o.stream()
			test.change(&c)
			err := o.check(c)
			if !errors.Is(err, ErrStream) || len(err.Error()) < len(ErrStream.Error())+10 {
				t.Errorf("check(%+v) = %v, want %v and why", c, err, ErrStream)
			}
		})
	}
}
