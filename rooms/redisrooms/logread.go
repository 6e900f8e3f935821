package redisrooms

import (
	"context"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/chain"
)

const (
	// pageCount and pageBytes limit a page: the server does nothing else while it reads
	// one. A page has at least one entry.
	pageCount = 512
	pageBytes = 1 << 20
)

// Read implements rooms.Log. It takes one round trip. The chain of the entries proves
// that none is missing; the append script is the only one that writes, and it runs as a
// whole, so the chain is true. The last id that the stream has given, which it keeps even
// if that entry is gone, proves that none is missing at the end. So an empty room has a
// place as well: it has the number 0, and the random tag with which the empty stream was
// made.
func (l *Log) Read(ctx context.Context, room string, after rooms.Place) (rooms.Page, error) {
	ctx, cancel, err := l.begin(ctx)
	if err != nil {
		return rooms.Page{}, err
	}
	defer cancel()
	return chain.Read(after, func(after rooms.Place) (rooms.Page, error) {
		return l.page(ctx, room, after)
	})
}

func (l *Log) page(ctx context.Context, room string, after rooms.Place) (
	page rooms.Page, err error,
) {
	from := "-"
	if after != (rooms.Place{}) {
		from = formatPlace(after)
	}
	answer, err := l.client.run(ctx, readScript, []string{l.stream(room)}, from, pageCount,
		pageBytes, l.options.Age.Milliseconds())
	if err != nil {
		return rooms.Page{}, err
	}
	parts, _ := answer.([]any)
	if len(parts) != 3 {
		return rooms.Page{}, errAnswer
	}
	last, _ := parsePlace(parts[0])
	entries, _ := parts[2].([]any)
	found := make([]chain.Link, len(entries))
	for i, entry := range entries {
		var ok bool
		if found[i], ok = parseEntry(entry); !ok {
			return rooms.Page{}, errAnswer
		}
	}
	page.More = parts[1] == int64(1)
	var end rooms.Place
	page.Entries, end, page.Whole = chain.After(after, found)
	page.Whole = page.Whole && (page.More || last == end)
	return page, nil
}
