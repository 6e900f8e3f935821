package rooms

// catchUp collects the entries between two places. If they exceed its limits, it keeps
// the newest.
type catchUp struct {
	max, maxBytes int
	complete      bool

	entries []Entry
	bytes   int
}

// read collects the entries after one place, up to until, where the room is. If the
// client is ahead of the room, there is nothing to collect. Otherwise the last entry
// must be the one at until; if it is not, the log was lost and created again in
// between.
func (c *catchUp) read(read func(after Place) (Page, error), after, until Place) error {
	last := after
	for more := after != until; more; {
		page, err := read(last)
		if err != nil {
			return err
		}
		if !page.Whole {
			*c = catchUp{max: c.max, maxBytes: c.maxBytes} // a gap: drop what came before
			last = until                                   // this entry may be gone too
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
