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

	"github.com/beatrichartz/martini-sockets/rooms/internal/chain"
)

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

// last returns the last entry of a subject, without its data, and false if there is
// none.
func (l *Log) last(ctx context.Context, subject string) (e stored, found bool, err error) {
	return l.getOne(ctx, getRequest{LastFor: subject}, subject)
}

// getOne gets an entry of a subject from the leader of the stream, because replicas may
// be behind. It does not decode the data: that is nil if the entry came too late, and
// otherwise empty. found is false if there is no such entry.
func (l *Log) getOne(ctx context.Context, request getRequest, subject string) (
	e stored, found bool, err error,
) {
	var got struct {
		Message *struct {
			Subject string
			Seq     uint64
			Hdrs    []byte
			Time    time.Time
		}
	}
	err = l.request(ctx, "STREAM.MSG.GET", request, &got)
	var api *jetstream.APIError
	switch {
	case errors.As(err, &api) && api.ErrorCode == jetstream.JSErrCodeMessageNotFound:
		return stored{}, false, nil
	case err != nil:
		return stored{}, false, err
	case got.Message == nil:
		return stored{}, false, errBadAnswer
	case got.Message.Subject != subject:
		return stored{}, false, nil
	}
	msg := nats.NewMsg(subject)
	if len(got.Message.Hdrs) > 0 {
		if msg.Header, err = nats.DecodeHeadersMsg(got.Message.Hdrs); err != nil {
			return stored{}, false, fmt.Errorf("%w: %w", errBadAnswer, err)
		}
	}
	msg.Header.Set(jetstream.SequenceHeader, strconv.FormatUint(got.Message.Seq, 10))
	msg.Header.Set(jetstream.TimeStampHeaer, got.Message.Time.Format(time.RFC3339Nano))
	if e, found = parse(msg); !found {
		return stored{}, false, errBadAnswer
	}
	return e, true, nil
}

// getBatch gets the entries of a subject from a sequence on, from any replica. more is
// true if there are more.
func (l *Log) getBatch(ctx context.Context, subject string, from uint64) (
	batch []chain.Link, more bool, err error,
) {
	first := int(l.link.conn().MaxPayload()) // it may be known, and must not fill the page
	question, _ := json.Marshal(getRequest{Seq: max(from, 1), NextFor: subject,
		Batch: pageCount, MaxBytes: first + pageBytes})
	api := l.api("DIRECT.GET")
	for try := 0; ; try++ {
		batch, more, err = l.tryBatch(ctx, api, question, batchWait(try))
		if !errors.Is(err, errNoAnswer) {
			return batch, more, err
		}
		if refusal := l.link.publishRefused(api); refusal != nil {
			return nil, false, refusal
		}
	}
}

// batchWait is how long a try waits. NATS asks any replica, and may ask one that hangs
// several times in a row, so most waits are short. Every third wait is longer, and each
// of these twice the one before: if all replicas are slow, it brings an answer.
func batchWait(try int) time.Duration {
	if try%3 == 2 {
		return firstWait << (try/3 + 1)
	}
	return firstWait
}

// errNoAnswer means that a server did not go on answering in time. Another one may.
var errNoAnswer = errors.New("natsrooms: no answer")

// tryBatch asks once. It waits for each part of the answer for as long as wait.
func (l *Log) tryBatch(ctx context.Context, api string, question []byte, wait time.Duration) (
	batch []chain.Link, more bool, err error,
) {
	nc := l.link.conn()
	inbox, answers := nc.NewInbox(), make(chan *nats.Msg, pageCount+1)
	sub, err := nc.ChanSubscribe(inbox, answers)
	if err != nil {
		return nil, false, err
	}
	defer sub.Unsubscribe()
	if err := nc.PublishRequest(api, inbox, question); err != nil {
		return nil, false, err
	}
	return l.collect(ctx, answers, wait)
}

// collect takes the answers to a batch request. Each names the one before it, so a lost
// answer is noticed. Only the server can set the sequence; a publisher can set any
// other header, even a status.
func (l *Log) collect(ctx context.Context, answers <-chan *nats.Msg, wait time.Duration) (
	batch []chain.Link, more bool, err error,
) {
	last := "0"
	for {
		msg, err := l.next(ctx, answers, wait)
		if err != nil {
			return nil, false, err
		}
		seq := stamped(msg, jetstream.SequenceHeader)
		if seq == "" {
			more, err := ending(msg, last)
			return batch, more, err
		}
		if before := stamped(msg, jetstream.LastSequenceHeader); before != last {
			return nil, false, fmt.Errorf("%w: after %q came %q", errBadAnswer, last, before)
		}
		e, ok := parse(msg)
		if !ok {
			return nil, false, errBadAnswer
		}
		last, batch = seq, append(batch, e.Link)
	}
}

// ending decodes the answer that ends a batch. last is the sequence of the batch's last
// message.
func ending(msg *nats.Msg, last string) (more bool, err error) {
	switch status := msg.Header.Get("Status"); status {
	case "204":
		if before := msg.Header.Get(jetstream.LastSequenceHeader); before != last {
			return false, fmt.Errorf("%w: after %q it ended at %q", errBadAnswer, last, before)
		}
		return msg.Header.Get("Nats-Num-Pending") != "0", nil
	case "404":
		return false, nil
	case "503":
		return false, nats.ErrNoResponders
	default:
		return false, fmt.Errorf("%w: status %s %s",
			errBadAnswer, status, msg.Header.Get("Description"))
	}
}

// next waits for an answer. It returns an error if NATS is down, and errNoAnswer if
// none comes in time.
func (l *Log) next(ctx context.Context, answers <-chan *nats.Msg, wait time.Duration) (
	*nats.Msg, error,
) {
	tick := time.NewTicker(min(wait, 250*time.Millisecond))
	defer tick.Stop()
	for begun := time.Now(); ; {
		select {
		case msg := <-answers:
			return msg, nil
		case <-tick.C:
			if err := l.link.state(); err != nil {
				return nil, err
			}
			if time.Since(begun) >= wait {
				return nil, errNoAnswer
			}
		case <-l.pool.Closed():
			return nil, ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
