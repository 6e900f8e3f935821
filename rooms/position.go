package rooms

import (
	"strconv"
	"strings"
)

// String returns the place as a position for clients: a short, opaque text. The zero
// Place is the empty string.
func (p Place) String() string {
	if p == (Place{}) {
		return ""
	}
	return strconv.FormatUint(p.Seq, 36) + "-" + strconv.FormatUint(p.Tag, 36)
}

// parsePlace parses what String returned. It accepts nothing else, not even another way
// to write the same numbers.
func parsePlace(s string) (p Place, ok bool) {
	seq, tag, _ := strings.Cut(s, "-")
	var errs [2]error
	p.Seq, errs[0] = strconv.ParseUint(seq, 36, 64)
	p.Tag, errs[1] = strconv.ParseUint(tag, 36, 64)
	if errs[0] != nil || errs[1] != nil || p.String() != s {
		return Place{}, false
	}
	return p, true
}
