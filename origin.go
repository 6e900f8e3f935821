package sockets

import (
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"
)

// placeholder matches what stands for the request's host in a pattern:
// {{host}}, or any other word.
var placeholder = regexp.MustCompile(`\{\{\w+\}\}`)

// maxOrigin is the longest Host or Origin that is checked, many times the
// length of a domain name. A client can send up to a megabyte of each, and
// matching takes time in proportion to their product.
const maxOrigin = 1024

// originCheck decides whether a page of some origin may connect. Browsers let a
// page of any site open a websocket to this one, with the visitor's cookies for
// this one. This check prevents it (RFC 6455, 10.2).
type originCheck struct {
	pattern string
	// fixed is the compiled pattern if it has no placeholder.
	fixed *regexp.Regexp
	// scheme matches what comes before the host, if the pattern is simple
	// enough to compare the host directly; see simpleScheme.
	scheme *regexp.Regexp
}

// newOriginCheck panics if pattern does not compile.
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

// allows reports whether the Origin of r matches. A request with two Origin headers
// never does: no browser sends two, and other software might check the other one.
func (c originCheck) allows(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if len(r.Header["Origin"]) > 1 || len(origin) > maxOrigin || len(r.Host) > maxOrigin {
		return false
	}
	// Package regexp reads an invalid UTF-8 byte as U+FFFD, which could appear
	// in a host.
	if !utf8.ValidString(origin) || !utf8.ValidString(r.Host) {
		return false
	}
	if c.matches(origin, r.Host) {
		return true
	}
	bareOrigin, bareHost := withoutPort(origin, r.Host)
	return bareHost != "" && (bareOrigin != origin || bareHost != r.Host) &&
		c.matches(bareOrigin, bareHost)
}

// withoutPort removes the port that the origin's scheme implies from both: https://h:443
// and https://h are the same origin (RFC 6454, 4).
func withoutPort(origin, host string) (string, string) {
	port := ":80"
	if strings.HasPrefix(origin, "https://") {
		port = ":443"
	} else if !strings.HasPrefix(origin, "http://") {
		return origin, host
	}
	return strings.TrimSuffix(origin, port), strings.TrimSuffix(host, port)
}

// matches reports whether the pattern matches origin, for a request to host.
func (c originCheck) matches(origin, host string) bool {
	switch {
	case c.fixed != nil:
		return c.fixed.MatchString(origin)
	case c.scheme != nil:
		return c.compares(origin, host)
	}
	return c.compiles(origin, host)
}

// compares gives the same answer as compiles, without compiling.
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

// compiles matches the pattern with the host filled in. It does not cache:
// clients could invent any number of hosts.
func (c originCheck) compiles(origin, host string) bool {
	re, err := compileOrigin(c.pattern, host)
	return err == nil && re.MatchString(origin)
}

// compileOrigin compiles pattern with host in place of each placeholder. The host
// becomes a group, so that an operator after the placeholder applies to all of it.
func compileOrigin(pattern, host string) (*regexp.Regexp, error) {
	return regexp.Compile(placeholder.ReplaceAllLiteralString(pattern,
		"(?:"+quoteHost(host)+")"))
}

// simple matches a pattern of the form ^scheme{{host}}$. Its scheme may contain
// nothing that could affect the rest of the pattern: no alternatives, flags or
// anchors, and no escape except \. for a dot.
var simple = regexp.MustCompile(
	`^\^((?:[a-zA-Z0-9:/.\-_+*(),\[\]]|[a-zA-Z0-9/.*+)\]]\?|\\\.)*)` +
		`\{\{\w+\}\}\$$`)

// simpleScheme returns the expression for the part before the host if the
// pattern is simple, and nil if not. Compiling a pattern for each request would
// cost more than the rest of a handshake.
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

// quoteHost returns a pattern that matches only host, with ASCII letters in either
// case. The flag (?i) would match more: Unicode folding makes the Kelvin sign a k.
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

// equalFold reports whether a and b, which have the same length, are equal if
// the case of ASCII letters is ignored.
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
