package natsrooms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ErrBadAnswer means that an answer of NATS was malformed or incomplete.
var ErrBadAnswer = errors.New("natsrooms: an answer of NATS is incomplete")

const (
	pageCount = 256
	pageBytes = 4 << 20
)

// getRequest is the request of both JetStream APIs that get messages.
type getRequest struct {
	Seq      uint64 `json:"seq,omitempty"`
	LastFor  string `json:"last_by_subj,omitempty"`
	NextFor  string `json:"next_by_subj,omitempty"`
	Batch    int    `json:"batch,omitempty"`
	MaxBytes int    `json:"max_bytes,omitempty"`
}

// getOne gets a message from the leader of the stream, because replicas may be behind. If
// there is no such message, it returns nil and no error.
func (l *Log) getOne(ctx context.Context, request getRequest) (*nats.Msg, error) {
	question, _ := json.Marshal(request)
	api := "$JS.API.STREAM.MSG.GET." + l.options.Stream
	answer, err := l.link.conn().RequestWithContext(ctx, api, question)
	if err != nil {
		return nil, err
	}
	var got struct {
		Error   *jetstream.APIError
		Message *struct {
			Subject string
			Seq     uint64
			Hdrs    []byte
			Time    time.Time
		}
	}
	if err := json.Unmarshal(answer.Data, &got); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadAnswer, err)
	}
	switch {
	case got.Error != nil && got.Error.ErrorCode == jetstream.JSErrCodeMessageNotFound:
		return nil, nil
	case got.Error != nil:
		return nil, got.Error
	case got.Message == nil:
		return nil, ErrBadAnswer
	}
	msg := nats.NewMsg(got.Message.Subject)
	if len(got.Message.Hdrs) > 0 {
		if msg.Header, err = nats.DecodeHeadersMsg(got.Message.Hdrs); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrBadAnswer, err)
		}
	}
	msg.Header.Set(jetstream.SequenceHeader, strconv.FormatUint(got.Message.Seq, 10))
	msg.Header.Set(jetstream.TimeStampHeaer, got.Message.Time.Format(time.RFC3339Nano))
	return msg, nil
}

// getBatch gets messages of a subject from a sequence on. more is true if there are more.
func (l *Log) getBatch(ctx context.Context, subject string, from uint64) (
	msgs []*nats.Msg, more bool, err error,
) {
	question, _ := json.Marshal(getRequest{
		Seq: max(from, 1), NextFor: subject, Batch: pageCount, MaxBytes: pageBytes})
	inbox, answers := l.link.conn().NewInbox(), make(chan *nats.Msg, pageCount+1)
	sub, err := l.link.conn().ChanSubscribe(inbox, answers)
	if err != nil {
		return nil, false, err
	}
	defer sub.Unsubscribe()
	api := "$JS.API.DIRECT.GET." + l.options.Stream
	if err := l.link.conn().PublishRequest(api, inbox, question); err != nil {
		return nil, false, err
	}
	return l.collect(ctx, answers)
}

// collect takes the answers to a batch request. Each names the one before it, so a lost
// answer is noticed. Only the server can set the sequence; a publisher can set any other
// header, even a status.
func (l *Log) collect(ctx context.Context, answers <-chan *nats.Msg) (
	msgs []*nats.Msg, more bool, err error,
) {
	last := "0"
	for {
		msg, err := l.next(ctx, answers)
		if err != nil {
			return nil, false, err
		}
		seq := stamped(msg, jetstream.SequenceHeader)
		if seq == "" {
			more, err := ending(msg, last)
			return msgs, more, err
		}
		if before := stamped(msg, jetstream.LastSequenceHeader); before != last {
			return nil, false, fmt.Errorf("%w: after %q came %q", ErrBadAnswer, last, before)
		}
		last = seq
		msgs = append(msgs, msg)
	}
}

// ending decodes the answer that ends a batch. last is the sequence of the batch's last
// message.
func ending(msg *nats.Msg, last string) (more bool, err error) {
	switch status := msg.Header.Get("Status"); status {
	case "204":
		if before := msg.Header.Get(jetstream.LastSequenceHeader); before != last {
			return false, fmt.Errorf("%w: after %q it ended at %q", ErrBadAnswer, last, before)
		}
		return msg.Header.Get("Nats-Num-Pending") != "0", nil
	case "404":
		return false, nil
	case "503":
		return false, nats.ErrNoResponders
	default:
		return false, fmt.Errorf("%w: status %s %s",
			ErrBadAnswer, status, msg.Header.Get("Description"))
	}
}

// next waits for an answer. It returns an error if NATS is down.
func (l *Log) next(ctx context.Context, answers <-chan *nats.Msg) (*nats.Msg, error) {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case msg := <-answers:
			return msg, nil
		case <-tick.C:
			if err := l.link.state(); err != nil {
				return nil, err
			}
		case <-l.pool.Closed():
			return nil, ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
