package natsrooms

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// Read implements rooms.Log. The entry at a place, with its tag, proves the place. If
// it is still there, nothing after it is gone, because the oldest entries are dropped
// first.
//
// The follower's own place counts even if its entry has passed its age, as it may in a
// quiet room: the follower knows until when it had missed nothing.
func (l *Log) Read(ctx context.Context, room string, after rooms.Place) (rooms.Page, error) {
	ctx, cancel, err := l.begin(ctx)
	if err != nil {
		return rooms.Page{}, err
	}
	defer cancel()
	r := &reading{log: l, ctx: ctx, subject: l.subject(room), after: after}
	follower := l.follower(room)
	state := follower.state()
	page, err := r.page(after.Seq)
	if err != nil {
		return rooms.Page{}, err
	}
	if !page.Whole && follower != nil && state.end == after {
		page.Whole, err = r.nothingGone(state.whole, len(page.Entries))
	}
	if !page.Whole && err == nil && after.Seq > 0 {
		page, err = r.page(0) // the place is unknown: read everything
	}
	if err == nil && page.Whole && !page.More {
		follower.hasRead(state, page.Entries)
	}
	return page, err
}

// follower returns the follower of a room, or nil.
func (l *Log) follower(room string) *follower {
	f, _ := l.pool.Get(l.live(room))
	return f
}

type reading struct {
	log     *Log
	ctx     context.Context
	subject string
	after   rooms.Place
}

// page reads entries from a sequence on. If the first is the one at r.after, it leaves
// that out, and the page is whole.
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

// least returns the sequence that a page must reach. With several replicas, the one that
// answers may be behind the leader; with one, least returns 0.
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

// nothingGone asks for the state of the stream, and decides by it.
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

// nothingGone reports whether the stream still has all that it took of a room after a
// sequence, and after a time of its clock. Entries may be gone because the stream was
// created again, because of their age, because of the size of the stream, or because of
// the number of messages in the room. got is how many messages of the room were read.
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

// last returns the last entry of a subject, but with empty data: getOne does not decode
// it. If there is no entry, it returns an entry with a place of its own: when the room is
// empty again later, messages may have come and gone.
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
