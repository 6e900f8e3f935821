package rooms

import "context"

// catchUp collects what was said between two places, the newest that its bounds let it.
type catchUp struct {
	max, maxBytes int
	complete      bool

	entries []Entry
	bytes   int
}

// read collects what comes after one place, up to another at which the room is. The
// client may have come further than the room, then there is nothing to collect.
// Otherwise, if the other place is not where the entries end, they are of another log,
// which was made anew meanwhile.
func (c *catchUp) read(ctx context.Context, log Log, room string, after, until Place) error {
	last := after
	for more := after != until; more; {
		page, err := log.Read(ctx, room, last)
		if err != nil {
			return err
		}
		if !page.Whole {
			*c = catchUp{max: c.max, maxBytes: c.maxBytes} // what came before has a gap
			last = until                                   // which may be gone, too
		}
		more = page.More && len(page.Entries) > 0
		for _, e := range page.Entries {
			if e.Seq > until.Seq {
				more = false
				break
			}
			last = e.Place
			c.add(e)
		}
	}
	if last != until && !(last == after && after.Seq > until.Seq) {
		return errOtherLog
	}
	return nil
}

func (c *catchUp) add(e Entry) {
	if e.Data == nil {
		return
	}
	c.entries = append(c.entries, e)
	c.bytes += len(e.Data)
	for len(c.entries) > c.max || c.bytes > c.maxBytes {
		c.bytes -= len(c.entries[0].Data)
		c.entries[0] = Entry{}
		c.entries = c.entries[1:]
		c.complete = false
	}
}
