package natslog

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// Read implements rooms.Log. A place is proved by the entry that is there, with its tag,
// and nothing after it is gone then, since entries go oldest first.
//
// Only the follower's own place is believed without its entry, which may have grown too
// old in a quiet room: for it is known until when nothing had been missed.
func (l *Log) Read(ctx context.Context, room string, after rooms.Place) (rooms.Page, error) {
	ctx, cancel, err := l.begin(ctx)
	if err != nil {
		return rooms.Page{}, err
	}
	defer cancel()
	r := &reading{log: l, ctx: ctx, subject: l.subject(room), after: after}
	follower := l.worker(l.live(room)).follower(l.live(room))
	state := follower.state()
	page, err := r.page(after.Seq)
	if err != nil {
		return rooms.Page{}, err
	}
	if !page.Whole && follower != nil && state.end == after {
		page.Whole, err = r.nothingGone(state.whole, len(page.Entries))
	}
	if !page.Whole && err == nil && after.Seq > 0 {
		page, err = r.page(0) // unknown: all that there is
	}
	if err == nil && page.Whole && !page.More {
		follower.hasRead(state, page.Entries)
	}
	return page, err
}

type reading struct {
	log     *Log
	ctx     context.Context
	subject string
	after   rooms.Place
}

// page reads from a sequence on. It is whole if the first entry is the one to read after,
// which it leaves out.
func (r *reading) page(from uint64) (page rooms.Page, err error) {
	least, err := r.least()
	for {
		if err != nil {
			return rooms.Page{}, err
		}
		var last uint64
		if page, last, err = r.try(from); err == nil && (page.More || last >= least) {
			return page, nil
		}
		if err == nil {
			err = r.pause()
		}
		if err == nil {
			least, err = r.least()
		}
	}
}

// least returns the sequence that a page has to reach: with several replicas, the one
// that answers may be behind the leader.
func (r *reading) least() (uint64, error) {
	if r.log.stream.replicas() <= 1 {
		return 0, nil
	}
	e, err := r.log.last(r.ctx, r.subject)
	return e.Seq, err
}

func (r *reading) pause() error {
	select {
	case <-time.After(5 * time.Millisecond):
		return nil
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

func (r *reading) try(from uint64) (page rooms.Page, last uint64, err error) {
	msgs, more, err := r.log.getBatch(r.ctx, r.subject, from)
	if err != nil {
		return rooms.Page{}, 0, err
	}
	page.More = more
	for i, msg := range msgs {
		e, _, ok := entry(msg)
		if !ok {
			return rooms.Page{}, 0, ErrBadAnswer
		}
		last = e.Seq
		if i == 0 && from > 0 && e.Place == r.after {
			page.Whole = true
			continue
		}
		if e.Seq > from {
			page.Entries = append(page.Entries, e)
		}
	}
	return page, last, nil
}

// nothingGone asks the stream as it is.
func (r *reading) nothingGone(since time.Time, got int) (bool, error) {
	s, err := r.log.stream.js.Stream(r.ctx, r.log.options.Stream)
	if err != nil {
		return false, err
	}
	info, err := s.Info(r.ctx)
	if err != nil {
		return false, err
	}
	return nothingGone(info, r.after.Seq, since, got), nil
}

// nothingGone reports whether, of what the stream took of a room after a sequence and a
// time of its clock, nothing has been removed again: not with the stream, not by age, not
// for the size of the stream, and not for the number of messages in the room, of which
// there are so many now.
func nothingGone(info *jetstream.StreamInfo, after uint64, since time.Time, got int) bool {
	c, state := info.Config, info.State
	switch {
	case info.Created.After(since) || state.LastSeq < after:
		return false
	case c.MaxAge > 0 && info.TimeStamp.Add(slack-c.MaxAge).After(since):
		return false
	case c.MaxMsgsPerSubject > 0 && int64(got) >= c.MaxMsgsPerSubject:
		return false
	case c.MaxBytes > 0 || c.MaxMsgs > 0: // the oldest of all rooms go first
		return state.FirstSeq <= after+1 || !state.FirstTime.After(since)
	}
	return true
}

// last returns the last entry of a subject, without its data, or none. The place of none
// is like no other: when there is none again, what was said in between may be gone.
func (l *Log) last(ctx context.Context, subject string) (rooms.Entry, error) {
	msg, err := l.getOne(ctx, getRequest{LastFor: subject})
	if err != nil {
		return rooms.Entry{}, err
	}
	if msg == nil {
		return rooms.Entry{Place: rooms.Place{Tag: rand.Uint64() | 1}}, nil
	}
	e, _, ok := entry(msg)
	if !ok {
		return rooms.Entry{}, ErrBadAnswer
	}
	return e, nil
}
