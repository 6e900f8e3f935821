package log_test

import (
	"context"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// Contract 11.3: where a client has seen nothing yet, it has a position as well. It is no
// longer good when the room is empty again because what was said in it is gone.
func TestEmptied(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		empty func(ctx context.Context, js jetstream.JetStream) error
	}{
		{name: "too old", empty: func(ctx context.Context, js jetstream.JetStream) error {
			stream, err := js.Stream(ctx, "ROOMS")
			if err != nil {
				return err
			}
			return stream.Purge(ctx) // of age, only sooner
		}},
		{name: "made anew", empty: func(ctx context.Context, js jetstream.JetStream) error {
			return js.DeleteStream(ctx, "ROOMS")
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := startNATS(t)
			p := newProcess(t, newLog(t, s, natsrooms.LogOptions{}))
			position := visit(t, p, "").Position
			p.must(t, "missed")
			js, err := jetstream.New(s.Connect(t))
			if err == nil {
				err = test.empty(t.Context(), js)
			}
			if err != nil {
				t.Fatalf("emptying the room = %v, want no error", err)
			}
			if missed := visit(t, p, position); missed.Complete || len(missed.Messages) > 0 {
				t.Errorf("JoinAfter(%q) = %+v, want nothing, not complete", position, missed)
			}
		})
	}
}

// visit joins the room after a position, when the log can be read, and leaves it.
func visit(t *testing.T, p *process, position string) (missed rooms.Missed[*message]) {
	t.Helper()
	natstest.Eventually(t, "the room can be joined", func() bool {
		m, got, err := p.JoinAfter("room", position, make(chan *message), nil, nil)
		if err == nil {
			missed = got
			m.Leave()
		}
		return err == nil
	})
	return missed
}
