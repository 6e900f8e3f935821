package natsrooms

import (
	"context"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/chain"
)

// aheadWait is how long to ask again for an entry after the last one of the leader.
// There is none in a log that was lost, or if the place is made up; a new leader may
// have it soon.
const aheadWait = 300 * time.Millisecond

// Read implements rooms.Log. The chain of the entries proves that none is missing.
func (l *Log) Read(ctx context.Context, room string, after rooms.Place) (rooms.Page, error) {
	ctx, cancel, err := l.begin(ctx)
	if err != nil {
		return rooms.Page{}, err
	}
	defer cancel()
	r := &reading{log: l, ctx: ctx, subject: l.subject(room)}
	return chain.Read(after, r.page)
}

type reading struct {
	log     *Log
	ctx     context.Context
	subject string
}

// page reads the entries after a place.
func (r *reading) page(after rooms.Place) (page rooms.Page, err error) {
	var found []chain.Link
	least, err := r.least()
	for begun := time.Now(); ; {
		if err != nil {
			return rooms.Page{}, err
		}
		found, page.More, err = r.log.getBatch(r.ctx, r.subject, after.Seq)
		if err == nil && (page.More || reaches(found, least) ||
			after.Seq > least && time.Since(begun) > aheadWait) {
			page.Entries, _, page.Whole = chain.After(after, found)
			page.Whole = page.Whole && len(found) > 0
			return page, nil
		}
		if err == nil {
			err = r.log.pool.Sleep(r.ctx, 5*time.Millisecond)
		}
		if err == nil {
			least, err = r.least()
		}
	}
}

func reaches(found []chain.Link, least uint64) bool {
	n := len(found)
	return least == 0 || n > 0 && found[n-1].Seq >= least
}

// least returns the sequence that a page must reach. With several replicas, the one
// that answers may be behind the leader; with one, least returns 0.
func (r *reading) least() (uint64, error) {
	if r.log.stream.replicas() <= 1 {
		return 0, nil
	}
	e, _, err := r.log.last(r.ctx, r.subject)
	return e.Seq, err
}
