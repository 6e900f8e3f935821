package rooms

import "context"

// catchUp collects what was said between two places, the newest that its bounds let it.
type catchUp struct {
	max, maxBytes int
	complete      bool

	entries []Entry
	bytes   int
}

// read collects what comes after one place, up to another that is in the log.
func (c *catchUp) read(ctx context.Context, log Log, room string, after, until Place) error {
	if after == until {
		return nil
	}
	for {
		page, err := log.Read(ctx, room, after)
		if err != nil {
			return err
		}
		c.complete = c.complete && page.Whole
		for _, e := range page.Entries {
			if e.Seq > until.Seq {
				return nil
			}
			c.add(e)
		}
		if !page.More {
			return nil
		}
		after = page.Entries[len(page.Entries)-1].Place
	}
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
