package redisrooms

import (
	"bytes"
	"errors"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/chain"
)

// errAnswer means that the server's answer to a script is not one of that script.
var errAnswer = errors.New("redisrooms: an answer that the script does not give")

func formatPlace(p rooms.Place) string { return chain.Format(p, 10) }

func parsePlace(answer any) (p rooms.Place, ok bool) {
	id, _ := answer.(string)
	return chain.Parse(id, 10)
}

// parseEntry parses an entry as XRANGE returns it: its id, and its fields in turn.
func parseEntry(answer any) (e chain.Link, ok bool) {
	parts, _ := answer.([]any)
	if len(parts) != 2 {
		return chain.Link{}, false
	}
	e.Place, ok = parsePlace(parts[0])
	fields, _ := parts[1].([]any)
	for i := 0; i+1 < len(fields); i += 2 {
		switch fields[i] {
		case "prev":
			e.Prev, e.Linked = parsePlace(fields[i+1])
		case "data":
			data, _ := fields[i+1].(string)
			e.Data = []byte(data)
		}
	}
	return e, ok
}

// parseNews parses an entry as the append script publishes it: the place before it, its
// own, and the data.
func parseNews(message []byte) (n rooms.News, ok bool) {
	prev, rest, _ := bytes.Cut(message, []byte(" "))
	place, data, found := bytes.Cut(rest, []byte(" "))
	var linked bool
	n.Prev, linked = parsePlace(string(prev))
	n.Place, ok = parsePlace(string(place))
	n.Data = data
	return n, found && linked && ok && n.Seq > 0
}
