package rooms

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
)

// onLog is the carrier for rooms on a log. The members get its entries, in its order.
type onLog[M any] struct {
	*Rooms[M]
	log    Log
	origin origin
}

// append cannot know what an Append that panicked has done.
func (c *onLog[M]) append(ctx context.Context, room, id string, data []byte) (at Place, err error) {
	err = recovered.Call(func() (err error) {
		at, err = c.log.Append(ctx, room, id, data)
		return err
	})
	if panicked := (*recovered.Error)(nil); errors.As(err, &panicked) {
		err = fmt.Errorf("%w: %w", ErrUncertain, err)
	}
	return at, err
}

// readPage returns when ctx ends, whatever the log does.
func (c *onLog[M]) readPage(ctx context.Context, room string, after Place) (Page, error) {
	var page Page
	err := recovered.Within(ctx, func() (err error) {
		page, err = c.log.Read(ctx, room, after)
		return err
	})
	if err != nil {
		return Page{}, err // the log may still write to page
	}
	return page, nil
}

// joined makes a member whose room cannot be followed leave again: it would miss messages
// without knowing.
func (c *onLog[M]) joined(m *Member[M]) error {
	err := c.settle(m.room)
	if err != nil {
		m.Leave()
	}
	return err
}

func (c *onLog[M]) open(room *room[M]) error {
	ctx, cancel := context.WithTimeout(context.Background(), logWait)
	defer cancel()
	f := &feed[M]{onLog: c, room: room, giving: true}
	end, err := c.log.Follow(ctx, room.name, f.receive)
	if err != nil {
		return err // f was not started, so it gives nothing
	}
	room.startAt(f, end)
	f.start(end)
	return nil
}

func (c *onLog[M]) close(room *room[M]) error {
	room.startAt(nil, Place{}).end()
	return c.log.Unfollow(room.name)
}

func (c *onLog[M]) send(name string, msg M, except *Member[M]) error {
	_, err := c.say(context.Background(), name, "", msg, except)
	return err
}

// say is Say for everyone except one member, which may be nil.
func (c *onLog[M]) say(
	ctx context.Context, name, id string, msg M, except *Member[M],
) (string, error) {
	if id == "" {
		id = rand.Text()
	}
	_, body, err := c.prepare(name, msg)
	if err == nil {
		err = c.tryStamp(name, body)
	}
	if err != nil {
		return "", err
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, logWait)
		defer cancel()
	}
	entry := sealEntry(c.origin, c.serial(except), body)
	place, err := c.append(ctx, name, id, entry)
	if err = wrap("append to", name, err); err != nil {
		c.fail(name, err)
		return "", err
	}
	return place.String(), nil
}

// tryStamp stamps a copy of a message with the longest position: an entry that its Stamp
// makes too large would be in the log, and reach nobody.
func (c *onLog[M]) tryStamp(name string, body []byte) error {
	if c.options.Stamp == nil {
		return nil
	}
	_, err := c.accept(slices.Clone(body), &Place{math.MaxUint64, math.MaxUint64})
	return c.refuse(name, err)
}

// serial returns the number of a member, and 0 for nil and for members of other Rooms,
// whose numbers are the same. No member has 0.
func (c *onLog[M]) serial(m *Member[M]) uint64 {
	if m == nil || m.room.rooms != c.Rooms {
		return 0
	}
	return m.number
}

// startAt makes f the feed of the room, from a place on, for all members. It returns the
// previous feed.
func (r *room[M]) startAt(f *feed[M], at Place) (before *feed[M]) {
	r.beginTurn()
	defer r.endTurn()
	before, r.feed, r.at = r.feed, f, at
	for _, s := range r.seats {
		s.member.from = at
	}
	return before
}

// removeAll removes all members from a room whose log has a gap, unless it has another
// feed now.
func (r *room[M]) removeAll(f *feed[M]) (removed bool) {
	r.beginTurn()
	defer r.endTurn()
	if r.feed != f {
		return false
	}
	for len(r.seats) > 0 {
		r.remove(r.seats[0].member, ErrGap)
	}
	r.retained = queue[M]{} // newer ones may be missing
	return true
}

// sendAt sends the message at a place in the log to all members but one. If ok is false,
// there is no message, and it only moves the room to the place. It does nothing if f is
// no longer the room's feed.
func (r *room[M]) sendAt(f *feed[M], at Place, msg sized[M], except uint64, ok bool) {
	r.beginTurn()
	defer r.endTurn()
	if r.feed != f {
		return
	}
	r.at = at
	if ok {
		r.sendAll(msg, r.numbered(except))
	}
}

// numbered returns the member with that number, or nil if it is not in the room.
func (r *room[M]) numbered(number uint64) *Member[M] {
	if number == 0 {
		return nil
	}
	for _, s := range r.seats {
		if s.member.number == number {
			return s.member
		}
	}
	return nil
}

// lookAgain makes the feed read, in case it was not told of an entry.
func (r *room[M]) lookAgain() {
	r.beginTurn()
	f := r.feed
	r.endTurn()
	if f != nil {
		f.receive(News{})
	}
}
