package redisrooms

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// errAnswer means that the server's answer to a script is not one of that script.
var errAnswer = errors.New("redisrooms: an answer that the script does not give")

// stored is an entry as it is in its stream. One that is not linked was not appended by
// this package.
type stored struct {
	rooms.Entry
	prev   rooms.Place
	linked bool
}

// formatPlace returns the id of a place in its stream.
func formatPlace(p rooms.Place) string {
	return strconv.FormatUint(p.Seq, 10) + "-" + strconv.FormatUint(p.Tag, 10)
}

func parsePlace(answer any) (p rooms.Place, ok bool) {
	id, _ := answer.(string)
	seq, tag, _ := strings.Cut(id, "-")
	var errs [2]error
	p.Seq, errs[0] = strconv.ParseUint(seq, 10, 64)
	p.Tag, errs[1] = strconv.ParseUint(tag, 10, 64)
	return p, errs[0] == nil && errs[1] == nil
}

// parseEntry parses an entry as XRANGE returns it: its id, and its fields in turn.
func parseEntry(answer any) (e stored, ok bool) {
	parts, _ := answer.([]any)
	if len(parts) != 2 {
		return stored{}, false
	}
	e.Place, ok = parsePlace(parts[0])
	fields, _ := parts[1].([]any)
	for i := 0; i+1 < len(fields); i += 2 {
		switch fields[i] {
		case "prev":
			e.prev, e.linked = parsePlace(fields[i+1])
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
