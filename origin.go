package sockets

import (
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"
)

// placeholder stands for the request's host in a pattern: {{host}}, or any other word.
var placeholder = regexp.MustCompile(`\{\{\w+\}\}`)

// maxOrigin is the length of the longest Host and Origin that are looked at,
// many times that of a domain name. Both are the client's to invent, up to a
// megabyte, and the time that matching takes is the product of the two.
const maxOrigin = 1024

// originCheck decides whether a page of some origin may connect. Browsers do
// not keep pages of other sites from opening websockets to this one, with its
// visitors' cookies; this check does (RFC 6455, 10.2).
type originCheck struct {
	pattern string
	// fixed is the compiled pattern, if it has no placeholder.
	fixed *regexp.Regexp
	// scheme is what comes before the host, if the pattern is simple enough for
	// the host to be compared; see simpleScheme.
	scheme *regexp.Regexp
}

// newOriginCheck panics when pattern does not compile.
func newOriginCheck(pattern string) originCheck {
	if pattern == "" {
		pattern = defaultOrigin
	}
	re, err := compileOrigin(pattern, "host:80")
	if err != nil {
		misuse("AllowedOrigin", pattern, err.Error())
	}
	if placeholder.MatchString(pattern) {
		re = nil
	}
	return originCheck{pattern: pattern, fixed: re, scheme: simpleScheme(pattern)}
}

// allows reports whether the Origin of r matches. Two Origin headers never do:
// no browser sends them, and whoever looks at another one than we do would
// decide differently.
func (c originCheck) allows(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if len(r.Header["Origin"]) > 1 || len(origin) > maxOrigin || len(r.Host) > maxOrigin {
		return false
	}
	// Package regexp takes a byte that is no UTF-8 for U+FFFD, which a host could have.
	if !utf8.ValidString(origin) || !utf8.ValidString(r.Host) {
		return false
	}
	switch {
	case c.fixed != nil:
		return c.fixed.MatchString(origin)
	case c.scheme != nil:
		return c.compares(origin, r.Host)
	}
	return c.compiles(origin, r.Host)
}

// compares is compiles without compiling.
func (c originCheck) compares(origin, host string) bool {
	n := len(origin) - len(host)
	return n >= 0 && equalFold(origin[n:], host) && c.matchesScheme(origin[:n])
}

func (c originCheck) matchesScheme(s string) bool {
	if c.pattern == defaultOrigin {
		return s == "https://" || s == "http://"
	}
	return c.scheme.MatchString(s)
}

// compiles fills in the host. Patterns are not kept: hosts are the client's to invent.
func (c originCheck) compiles(origin, host string) bool {
	re, err := compileOrigin(c.pattern, host)
	return err == nil && re.MatchString(origin)
}

// compileOrigin compiles pattern with host in the place of its placeholders, as
// a group, so that an operator after the placeholder applies to the whole of it.
func compileOrigin(pattern, host string) (*regexp.Regexp, error) {
	return regexp.Compile(placeholder.ReplaceAllLiteralString(pattern,
		"(?:"+quoteHost(host)+")"))
}

// simple is a pattern of the form ^scheme{{host}}$, in which the scheme has
// nothing that could reach beyond itself: no alternatives, flags, anchors or
// escapes but that of the dot.
var simple = regexp.MustCompile(
	`^\^((?:[a-zA-Z0-9:/.\-_+*(),\[\]]|[a-zA-Z0-9/.*+)\]]\?|\\\.)*)` +
		`\{\{\w+\}\}\$$`)

// simpleScheme is what has to match before the host where the pattern is
// simple; otherwise nil. Compiling a pattern for each request costs more than
// the rest of a handshake.
func simpleScheme(pattern string) *regexp.Regexp {
	m := simple.FindStringSubmatch(pattern)
	if m == nil {
		return nil
	}
	re, err := regexp.Compile("^(?:" + m[1] + ")$")
	if err != nil {
		return nil
	}
	return re
}

// quoteHost is the pattern that matches host and nothing else, ASCII letters in
// either case. The flag (?i) would let in more: under Unicode's folding the
// Kelvin sign is a k.
func quoteHost(host string) string {
	var b strings.Builder
	for _, c := range []byte(host) {
		if lower := c | 0x20; 'a' <= lower && lower <= 'z' {
			b.WriteString("[" + string(rune(lower)) + string(rune(lower&^0x20)) + "]")
			continue
		}
		b.WriteString(regexp.QuoteMeta(string([]byte{c})))
	}
	return b.String()
}

// equalFold reports whether a and b, of the same length, are equal, ASCII
// letters in either case.
func equalFold(a, b string) bool {
	for i := range len(a) {
		x, y := a[i], b[i]
		if x == y {
			continue
		}
		if lower := x | 0x20; lower != y|0x20 || lower < 'a' || 'z' < lower {
			return false
		}
	}
	return true
}
