package sockets

import (
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"
)

const hostPlaceholder = "{{host}}"

// maxOrigin is the length of the longest Host and Origin that are looked at, many times that of a domain name. Both are the client's to
// invent, up to a megabyte, and the time that matching takes is the product of the two.
const maxOrigin = 1024

// originCheck decides whether a page of some origin may connect. Browsers do not keep pages of other sites from
// opening websockets to this one, with its visitors' cookies; this check does (RFC 6455, 10.2).
type originCheck struct {
	pattern string
	// fixed is the compiled pattern where it has no placeholder; nil where the host has to be filled in first.
	fixed *regexp.Regexp
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
	if strings.Contains(pattern, hostPlaceholder) {
		re = nil
	}
	return originCheck{pattern: pattern, fixed: re}
}

// allows reports whether the Origin of r matches. Two Origin headers never do: no browser sends them, and whoever
// looks at another one than we do would decide differently.
func (c originCheck) allows(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if len(r.Header["Origin"]) > 1 || len(origin) > maxOrigin || len(r.Host) > maxOrigin {
		return false
	}
	// Package regexp takes a byte that is no UTF-8 for U+FFFD, which a host could have.
	if !utf8.ValidString(origin) {
		return false
	}
	re := c.fixed
	if re == nil {
		var err error
		// A handshake is rare beside what follows it, and hosts are the client's to invent: compiled patterns are not kept.
		if re, err = compileOrigin(c.pattern, r.Host); err != nil {
			return false
		}
	}
	return re.MatchString(origin)
}

// compileOrigin compiles pattern with host in the place of its placeholders, as a group, so that an operator behind the placeholder
// applies to the whole of it.
func compileOrigin(pattern, host string) (*regexp.Regexp, error) {
	return regexp.Compile(strings.ReplaceAll(pattern, hostPlaceholder, "(?:"+quoteHost(host)+")"))
}

// quoteHost is the pattern that matches host and nothing else, ASCII letters in either case. The flag (?i) would let
// in more: under Unicode's folding the Kelvin sign is a k.
func quoteHost(host string) string {
	var b strings.Builder
	for _, c := range []byte(host) {
		switch lower := c | 0x20; {
		case 'a' <= lower && lower <= 'z':
			b.WriteByte('[')
			b.WriteByte(lower)
			b.WriteByte(lower &^ 0x20)
			b.WriteByte(']')
		default:
			b.WriteString(regexp.QuoteMeta(string([]byte{c})))
		}
	}
	return b.String()
}
