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
	"github.com/beatrichartz/martini-sockets/rooms/internal/chain"
)

const (
	// attemptWait is how long to wait for an answer before sending the message again,
	// with the same id: the message or its answer may be lost.
	attemptWait = time.Second
	// echoWait is how long to wait until the stream republishes an entry that it has
	// acknowledged. After that it is read.
	echoWait = 50 * time.Millisecond
	// maxAttempts limits how many entries that came too late may have used up an id.
	maxAttempts = 15
)

var errTooLate = errors.New("natsrooms: it came too late each time, by the stream's clock")

// errForgotten means that an id is in the window, or that an entry was acknowledged,
// but is no longer in the stream. So nobody can tell whether it came too late.
var errForgotten = errors.New("the entry with this id is not kept any more")

// Append implements rooms.Log. While NATS is down it returns [nats.ErrDisconnected] at
// once. If NATS does not answer, it tries again until ctx ends, or for LogOptions.Wait.
// It may block for the connection's FlusherTimeout longer.
func (l *Log) Append(ctx context.Context, room, id string, data []byte) (rooms.Place, error) {
	ctx, cancel, err := l.begin(ctx)
	if err != nil {
		return rooms.Place{}, err
	}
	defer cancel()
	a := l.newAppend(room, data)
	for attempt := 0; ; attempt++ {
		place, tooLate, err := a.as(ctx, messageID(room, id, attempt))
		switch {
		case err != nil && a.uncertain:
			return rooms.Place{}, fmt.Errorf("natsrooms: %w: %w", rooms.ErrUncertain, err)
		case err != nil || !tooLate:
			return place, err
		case attempt == maxAttempts:
			return rooms.Place{}, errTooLate
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

func (l *Log) newAppend(room string, data []byte) *appending {
	a := &appending{log: l, room: room, message: nats.NewMsg(l.subject(room)),
		tag: rand.Uint64() | 1}
	a.message.Data = data
	a.message.Header.Set(tagHeader, strconv.FormatUint(a.tag, 36))
	a.message.Header.Set(jetstream.ExpectedStreamHeader, l.options.Stream)
	return a
}

// setDeadline makes readers ignore the message if it reaches the stream after ctx has
// ended. It is only a guess of what the stream's clock will show: the acknowledgement
// does not say what it has shown, so check does.
func (a *appending) setDeadline(ctx context.Context) {
	deadline, _ := ctx.Deadline()
	a.message.Header.Set(untilHeader,
		strconv.FormatInt(a.log.stream.latest(deadline).UnixNano(), 10))
}

// as appends the message with an id. tooLate is true if an entry with that id is in the
// stream, but came too late for everyone. Then another id must be used.
func (a *appending) as(ctx context.Context, id string) (
	place rooms.Place, tooLate bool, err error,
) {
	f := a.log.follower(a.room)
	echo := f.await(a.tag)
	defer f.forget(a.tag)
	ack, err := a.inTurn(ctx, id)
	if err != nil {
		return rooms.Place{}, false, err
	}
	a.uncertain = true // until it is known that others see it, or that they never will
	e, err := a.check(ctx, ack, echo)
	if err != nil {
		return rooms.Place{}, false, err
	}
	a.uncertain = false
	tooLate = e.Data == nil
	if tooLate && !ack.Duplicate {
		a.log.stream.setClock(e.at, time.Now()) // it has stepped
	}
	return e.Place, tooLate, nil
}

// inTurn sends the message after those of this process that came before. The next one may
// be sent as soon as this one is acknowledged, because then its place is known. Before
// that, none can be: it would name a place that may never be.
func (a *appending) inTurn(ctx context.Context, id string) (*jetstream.PubAck, error) {
	leave, err := a.log.turns.begin(ctx, a.room)
	if err != nil {
		return nil, err
	}
	defer leave()
	if err := ctx.Err(); err != nil {
		return nil, err // before it is sent, so nobody will see it
	}
	a.setDeadline(ctx)
	a.message.Header.Set(jetstream.MsgIDHeader, id)
	breaks := a.log.breaks()
	ack, err := a.send(ctx)
	if err == nil && !ack.Duplicate {
		at := end{rooms.Place{Seq: ack.Sequence, Tag: a.tag}, ack.Sequence}
		a.log.follower(a.room).setEnd(at, breaks, time.Now())
		a.log.ends.set(a.room, at, breaks)
	}
	return ack, err
}

// check returns the entry that was acknowledged: from the follower of the room, which
// gets it as well, or from the stream.
func (a *appending) check(ctx context.Context, ack *jetstream.PubAck, echo <-chan stored) (
	stored, error,
) {
	if echo != nil && !ack.Duplicate {
		soon := time.NewTimer(echoWait)
		defer soon.Stop()
		select {
		case e := <-echo:
			if e.Seq == ack.Sequence {
				return e, nil
			}
		case <-soon.C:
		}
	}
	e, found, err := a.log.getOne(ctx, getRequest{Seq: ack.Sequence}, a.message.Subject)
	if err == nil && !found {
		err = errForgotten
	}
	return e, err
}

// send sends the message until there is an answer, or no time or connection. If the
// message may be in the stream already, send repeats it only while the stream remembers
// its id.
func (a *appending) send(ctx context.Context) (*jetstream.PubAck, error) {
	a.after(a.guess())
	begun := time.Now()
	for {
		ack, err := a.try(ctx)
		var kind outcome
		if err != nil {
			kind = judge(err)
		}
		switch {
		case err == nil:
			return ack, nil
		case kind == refused:
			return nil, err
		case kind == unknown:
			a.uncertain = true
		case kind == absent:
			a.log.stream.lookSoon()
		}
		if kind == moved {
			ack, failed := a.follow(ctx)
			switch {
			case ack != nil:
				return ack, nil
			case failed != nil: // otherwise err says why the message was not taken
				err = failed
			}
		}
		if a.uncertain && a.log.stream.mayForget(begun) {
			return nil, err
		}
		if ctx.Err() != nil || !a.pause(ctx, kind) {
			return nil, err
		}
		if away := a.log.link.state(); away != nil {
			return nil, away
		}
	}
}

// guess returns where the room ends, as far as is known here. The stream knows better.
func (a *appending) guess() end {
	breaks := a.log.breaks()
	if at, ok := a.log.follower(a.room).knownEnd(breaks); ok {
		return at
	}
	return a.log.ends.get(a.room, breaks)
}

// after names the end after which the stream has to take the message.
func (a *appending) after(at end) {
	a.message.Header.Set(prevHeader, chain.Format(at.place, 36))
	a.message.Header.Set(jetstream.ExpectedLastSubjSeqHeader, strconv.FormatUint(at.seq, 10))
}

// follow names the present end. If that is the message itself, which an earlier
// attempt has appended, follow returns its acknowledgement.
func (a *appending) follow(ctx context.Context) (*jetstream.PubAck, error) {
	last, found, err := a.log.last(ctx, a.message.Subject)
	switch {
	case err != nil:
		return nil, err
	case found && last.Tag == a.tag:
		return &jetstream.PubAck{Sequence: last.Seq, Duplicate: true}, nil
	}
	a.after(last.end())
	return nil, nil
}

// pause gives the cluster time to elect a leader, or a connection time to fail, or
// those who append to the same room time to get out of each other's way. It returns
// false if there is no more time.
func (a *appending) pause(ctx context.Context, kind outcome) bool {
	pause := 50 * time.Millisecond
	if kind == moved {
		pause = time.Duration(rand.Int64N(int64(time.Millisecond)))
	}
	return a.log.pool.Sleep(ctx, pause) == nil
}

func (a *appending) try(ctx context.Context) (*jetstream.PubAck, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptWait)
	defer cancel()
	return a.log.publish(ctx, a.message)
}

// mark appends a mark at the end of a room.
func (l *Log) mark(ctx context.Context, room string, at end) (end, error) {
	a := l.newAppend(room, nil)
	a.message.Header.Set(untilHeader, never)
	a.after(at)
	ack, err := a.try(ctx)
	if err != nil {
		return end{}, err
	}
	mark := chain.Link{Mark: true, Prev: at.place}
	mark.Seq, mark.Tag = ack.Sequence, a.tag
	return end{mark.End(), mark.Seq}, nil
}
