package rooms

// catchUp collects the entries between two places. If they exceed its limits, it keeps
// the newest.
type catchUp struct {
	max, maxBytes int
	key           func(Entry) string // nil if messages have no keys
	complete      bool

	entries queue[Entry]
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
			c.entries, c.complete = queue[Entry]{}, false // a gap: drop what came before
			last = until                                  // this entry may be gone too
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
	said := sized[Entry]{message: e, size: len(e.Data)}
	if c.key != nil {
		said.key = c.key(e)
	}
	if c.entries.keep(said, c.max, c.maxBytes) {
		c.complete = false
	}
}
