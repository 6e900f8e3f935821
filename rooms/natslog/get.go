package natslog

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

// ErrBadAnswer says that NATS answered something that is no answer, or only a part of one.
var ErrBadAnswer = errors.New("natslog: an answer of NATS is incomplete")

const (
	pageCount = 256
	pageBytes = 4 << 20
)

// getRequest is what both of JetStream's ways to get messages take.
type getRequest struct {
	Seq      uint64 `json:"seq,omitempty"`
	LastFor  string `json:"last_by_subj,omitempty"`
	NextFor  string `json:"next_by_subj,omitempty"`
	Batch    int    `json:"batch,omitempty"`
	MaxBytes int    `json:"max_bytes,omitempty"`
}

// getOne asks the leader of the stream: replicas may be behind. No such message is no
// error, and nil.
func (l *Log) getOne(ctx context.Context, request getRequest) (*nats.Msg, error) {
	question, _ := json.Marshal(request)
	answer, err := l.nc.RequestWithContext(ctx, "$JS.API.STREAM.MSG.GET."+l.options.Stream, question)
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

// getBatch returns messages of a subject from a sequence on, and whether there are more.
func (l *Log) getBatch(ctx context.Context, subject string, from uint64) (msgs []*nats.Msg, more bool, err error) {
	question, _ := json.Marshal(getRequest{
		Seq: max(from, 1), NextFor: subject, Batch: pageCount, MaxBytes: pageBytes})
	inbox := l.nc.NewInbox()
	sub, err := l.nc.SubscribeSync(inbox)
	if err != nil {
		return nil, false, err
	}
	defer sub.Unsubscribe()
	if err := l.nc.PublishRequest("$JS.API.DIRECT.GET."+l.options.Stream, inbox, question); err != nil {
		return nil, false, err
	}
	return l.collect(ctx, sub)
}

// collect takes the answers to a batch. Each names the one before, so that a part that was
// lost is noticed.
func (l *Log) collect(ctx context.Context, sub *nats.Subscription) (msgs []*nats.Msg, more bool, err error) {
	last := "0"
	for {
		msg, err := l.next(ctx, sub)
		if err != nil {
			return nil, false, err
		}
		status := msg.Header.Get("Status")
		switch status {
		case "", "204":
		case "404":
			return nil, false, nil
		case "503":
			return nil, false, nats.ErrNoResponders
		default:
			return nil, false, fmt.Errorf("%w: status %s %s",
				ErrBadAnswer, status, msg.Header.Get("Description"))
		}
		if before := msg.Header.Get(jetstream.LastSequenceHeader); before != last {
			return nil, false, fmt.Errorf("%w: after %q came %q", ErrBadAnswer, last, before)
		}
		if status != "" {
			return msgs, msg.Header.Get("Nats-Num-Pending") != "0", nil
		}
		last = msg.Header.Get(jetstream.SequenceHeader)
		msgs = append(msgs, msg)
	}
}

// next waits for a message, but not when NATS has gone.
func (l *Log) next(ctx context.Context, sub *nats.Subscription) (*nats.Msg, error) {
	for {
		short, cancel := context.WithTimeout(ctx, 250*time.Millisecond)
		msg, err := sub.NextMsgWithContext(short)
		cancel()
		if err == nil || ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			return msg, err
		}
		if err := l.away(); err != nil {
			return nil, err
		}
	}
}
