package rooms

import (
	"strconv"
	"strings"
)

// String returns the place as text, which is short and opaque: a position for clients.
// The zero Place is the empty string.
func (p Place) String() string {
	if p == (Place{}) {
		return ""
	}
	return strconv.FormatUint(p.Seq, 36) + "-" + strconv.FormatUint(p.Tag, 36)
}

// parsePlace takes what String returned. Anything else, also another way to write the
// same numbers, is not a place.
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
