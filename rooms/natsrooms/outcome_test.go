package natsrooms

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Contract 11.2: only what will never be in the stream is refused.
func TestJudge(t *testing.T) {
	api := func(code jetstream.ErrorCode) error {
		return fmt.Errorf("nats: %w", &jetstream.APIError{Code: 400, ErrorCode: code})
	}
	tests := []struct {
		name string
		err  error
		want outcome
	}{
		{name: "too large for the stream", err: api(10054), want: refused},
		{name: "no resources", err: api(10023), want: refused},
		{name: "another end", err: api(10071), want: moved},
		{name: "another on its way", err: api(10164), want: moved},
		{name: "itself on its way", err: api(10158), want: unknown},
		{name: "not stored by the leader", err: api(10077), want: unknown},
		{name: "twice in a batch", err: api(10201), want: unknown},
		{name: "not the count that the stream is for", err: api(10169), want: refused},
		{name: "out of step", err: api(10063), want: unknown},
		{name: "a code of a later server", err: api(12345), want: unknown},
		{name: "nobody there", err: nats.ErrNoResponders, want: absent},
		{name: "too large for the server", err: nats.ErrMaxPayload, want: refused},
		{name: "not kept for later", err: nats.ErrReconnectBufExceeded, want: refused},
		{name: "draining", err: nats.ErrConnectionDraining, want: refused},
		{name: "may not publish", err: fmt.Errorf("%w: x", nats.ErrPermissionViolation),
			want: refused},
		{name: "closed, perhaps after it was sent", err: nats.ErrConnectionClosed, want: unknown},
		{name: "no answer", err: context.DeadlineExceeded, want: unknown},
		{name: "no answer in time", err: nats.ErrTimeout, want: unknown},
		{name: "an answer that is none", err: errBadAnswer, want: unknown},
		{name: "anything", err: errors.New("anything"), want: unknown},
	}
	for _, test := range tests {
		if got := judge(test.err); got != test.want {
			t.Errorf("%s: judge(%v) = %v, want %v", test.name, test.err, got, test.want)
		}
	}
}
