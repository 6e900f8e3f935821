package natsrooms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// errBadAnswer means that an answer of NATS was malformed or incomplete.
var errBadAnswer = errors.New("natsrooms: an answer of NATS is incomplete")

// firstWait is how long a request waits for an answer before it is sent again.
const firstWait = 300 * time.Millisecond

// api returns the subject of a request about the stream.
func (l *Log) api(name string) string {
	return l.options.API + "." + name + "." + l.options.Stream
}

// request sends a request to the API of JetStream, and decodes the answer. It returns
// the API's error, if the answer has one. While the API is not available, as before a
// leader is elected, it asks again.
func (l *Log) request(ctx context.Context, name string, question, answer any) error {
	for {
		err := l.requestOnce(ctx, name, question, answer)
		var api *jetstream.APIError
		if !errors.As(err, &api) || api.Code != unavailable ||
			l.pool.Sleep(ctx, unavailablePause) != nil {
			return err
		}
	}
}

const (
	unavailable      = 503
	unavailablePause = 100 * time.Millisecond
)

func (l *Log) requestOnce(ctx context.Context, name string, question, answer any) error {
	var asked []byte
	if question != nil {
		asked, _ = json.Marshal(question) // a type of ours
	}
	subject := l.api(name)
	var msg *nats.Msg
	err := l.again(ctx, subject, func(ctx context.Context) (err error) {
		msg, err = l.link.conn().RequestWithContext(ctx, subject, asked)
		return err
	})
	if err != nil {
		return err
	}
	var failed struct{ Error *jetstream.APIError }
	if err := json.Unmarshal(msg.Data, &failed); err != nil {
		return fmt.Errorf("%w: %w", errBadAnswer, err)
	}
	if failed.Error != nil {
		return failed.Error
	}
	if err := json.Unmarshal(msg.Data, answer); err != nil {
		return fmt.Errorf("%w: %w", errBadAnswer, err)
	}
	return nil
}

// again asks until there is an answer, or no time or connection, or the server refuses
// to take the question. Each wait doubles: only the leader can answer, and it may be
// slow.
func (l *Log) again(ctx context.Context, subject string, ask func(context.Context) error) error {
	for wait := firstWait; ; wait *= 2 {
		try, cancel := context.WithTimeout(ctx, wait)
		err := ask(try)
		timedOut := err != nil && try.Err() != nil
		cancel()
		if !timedOut {
			return err
		}
		if closed := l.pool.Err(); closed != nil {
			return closed
		}
		if refusal := l.link.publishRefused(subject); refusal != nil {
			return refusal
		}
		if away := l.link.state(); away != nil {
			return away
		}
		if ctx.Err() != nil {
			return err
		}
	}
}

// publish sends a message to the stream, once. The error is the API's, or nats.go's, or
// the refusal of a server that does not take it.
func (l *Log) publish(ctx context.Context, msg *nats.Msg) (*jetstream.PubAck, error) {
	_ = l.link.publishRefused(msg.Subject) // an earlier one
	answer, err := l.link.conn().RequestMsgWithContext(ctx, msg)
	if err != nil {
		if refusal := l.link.publishRefused(msg.Subject); refusal != nil {
			return nil, refusal
		}
		return nil, err
	}
	var ack struct {
		Error *jetstream.APIError
		jetstream.PubAck
	}
	switch err := json.Unmarshal(answer.Data, &ack); {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errBadAnswer, err)
	case ack.Error != nil:
		return nil, ack.Error
	case ack.Sequence == 0:
		return nil, errBadAnswer
	}
	return &ack.PubAck, nil
}
