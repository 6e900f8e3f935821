package natsrooms

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// attemptWait is how long to wait for an answer before sending the message again, with
// the same id: the message or its answer may be lost.
const attemptWait = time.Second

// Append implements rooms.Log. While NATS is down it returns [nats.ErrDisconnected] at
// once. If NATS does not answer, it tries again until ctx ends, or for LogOptions.Wait. It
// may block for the connection's FlusherTimeout longer.
func (l *Log) Append(ctx context.Context, room, id string, data []byte) (rooms.Place, error) {
	ctx, cancel, err := l.begin(ctx)
	if err != nil {
		return rooms.Place{}, err
	}
	defer cancel()
	a := l.newAppend(ctx, room, data)
	for attempt := 0; ; attempt++ {
		place, usedUp, err := a.as(ctx, messageID(room, id, attempt))
		switch {
		case err != nil && a.uncertain:
			return rooms.Place{}, fmt.Errorf("natsrooms: %w: %w", rooms.ErrUncertain, err)
		case !usedUp || err != nil:
			return place, err
		}
	}
}

// appending is a message on its way into the stream.
type appending struct {
	log       *Log
	room      string
	message   *nats.Msg
	tag       uint64
	uncertain bool // it may be in the stream, or get there
}

func (l *Log) newAppend(ctx context.Context, room string, data []byte) *appending {
	a := &appending{log: l, room: room, message: nats.NewMsg(l.subject(room)), tag: rand.Uint64() | 1}
	deadline, _ := ctx.Deadline()
	until := l.stream.latest(deadline)
	a.message.Data = data
	a.message.Header.Set(tagHeader, strconv.FormatUint(a.tag, 36))
	a.message.Header.Set(untilHeader, strconv.FormatInt(until.UnixNano(), 10))
	return a
}

// as appends the message with an id. usedUp is true if an entry that came too late has
// that id.
func (a *appending) as(ctx context.Context, id string) (place rooms.Place, usedUp bool, err error) {
	ack, err := a.send(ctx, id)
	if err != nil {
		return rooms.Place{}, false, err
	}
	a.uncertain = false
	if !ack.Duplicate {
		return rooms.Place{Seq: ack.Sequence, Tag: a.tag}, false, nil
	}
	first, err := a.log.getOne(ctx, getRequest{Seq: ack.Sequence})
	if err != nil || first == nil || first.Subject != a.message.Subject {
		// The id is in the window, but its entry is no longer in the stream. So nobody
		// can tell whether it came too late.
		a.uncertain = true
		return rooms.Place{}, false, errors.Join(errForgotten, err)
	}
	e, at, ok := entry(first)
	if !ok {
		return rooms.Place{}, false, ErrBadAnswer
	}
	return e.Place, late(first, at), nil
}

var errForgotten = errors.New("the entry with this id is not kept any more")

// send sends the message until there is an answer, or no time or connection.
func (a *appending) send(ctx context.Context, id string) (*jetstream.PubAck, error) {
	for {
		ack, err := a.try(ctx, id)
		switch {
		case err == nil:
			return ack, nil
		case refused(err):
			return nil, err
		case errors.Is(err, nats.ErrNoResponders), errors.Is(err, jetstream.ErrNoStreamResponse):
			a.log.stream.lookSoon()
		default:
			a.uncertain = true
		}
		if ctx.Err() != nil || !a.pause(ctx) {
			return nil, err
		}
		if away := a.log.link.state(); away != nil {
			return nil, away
		}
	}
}

// pause gives the cluster time to elect a leader, or a connection time to fail. It
// returns false if there is no more time.
func (a *appending) pause(ctx context.Context) bool {
	select {
	case <-time.After(50 * time.Millisecond):
		return true
	case <-a.log.pool.Closed():
		return false
	case <-ctx.Done():
		return false
	}
}

func (a *appending) try(ctx context.Context, id string) (*jetstream.PubAck, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptWait)
	defer cancel()
	return a.log.stream.js.PublishMsg(ctx, a.message, jetstream.WithMsgID(id),
		jetstream.WithExpectStream(a.log.options.Stream), jetstream.WithRetryAttempts(0))
}

// refused reports whether the message is certainly not in the stream, and never will be.
func refused(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) || errors.Is(err, nats.ErrMaxPayload) ||
		errors.Is(err, nats.ErrReconnectBufExceeded)
}
