package sockets

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

// origins lists patterns, "" for the default one, and the hosts and origins
// that clients send.
var origins = []struct {
	name    string
	pattern string
	host    string
	origin  []string
	want    bool
}{
	{"the same", "", "example.com", []string{"http://example.com"}, true},
	{"the same, TLS", "", "example.com", []string{"https://example.com"}, true},
	{"port", "", "example.com:8080", []string{"http://example.com:8080"}, true},
	{"IPv4", "", "127.0.0.1:3000", []string{"http://127.0.0.1:3000"}, true},
	{"IPv6", "", "[::1]:3000", []string{"http://[::1]:3000"}, true},
	{"IPv6 without port", "", "[2001:db8::a]", []string{"http://[2001:DB8::A]"}, true},
	{"host in upper case", "", "EXAMPLE.com", []string{"http://example.com"}, true},
	{"origin in upper case", "", "example.com", []string{"http://EXAMPLE.COM"}, true},
	{"punycode", "", "xn--bcher-kva.example", []string{"http://xn--bcher-kva.example"},
		true},
	{"not ASCII", "", "bücher.example", []string{"http://bücher.example"}, true},

	{"another host", "", "example.com", []string{"http://evil.com"}, false},
	{"another port", "", "example.com:8080", []string{"http://example.com:8081"}, false},
	{"longer port", "", "example.com:80", []string{"http://example.com:8080"}, false},
	{"default port that the host has not", "", "example.com",
		[]string{"http://example.com:80"}, true},
	{"default port that the origin has not", "", "example.com:80",
		[]string{"http://example.com"}, true},
	{"default port of TLS", "", "example.com", []string{"https://example.com:443"}, true},
	{"default port of TLS that the origin has not", "", "[::1]:443",
		[]string{"https://[::1]"}, true},
	{"default port of another scheme", "", "example.com",
		[]string{"http://example.com:443"}, false},
	{"default port of another scheme, of the host", "", "example.com:80",
		[]string{"https://example.com"}, false},
	{"default port, another host", "", "example.com", []string{"http://evil.com:80"},
		false},
	{"default port of no host", "", ":80", []string{"http://"}, false},
	{"default port twice", "", "example.com:80:80", []string{"http://example.com"}, false},
	{"default port, fixed pattern", `^https://example\.com$`, "internal",
		[]string{"https://example.com:443"}, true},
	{"default port in a fixed pattern", `^https://example\.com:443$`, "internal",
		[]string{"https://example.com:443"}, true},
	{"subdomain", "", "example.com", []string{"http://www.example.com"}, false},
	{"parent domain", "", "www.example.com", []string{"http://example.com"}, false},
	{"prefix", "", "example.com", []string{"http://evilexample.com"}, false},
	{"suffix", "", "example.com", []string{"http://example.com.evil.com"}, false},
	{"suffix without dot", "", "example.com", []string{"http://example.comevil"}, false},
	{"dot that is any character", "", "example.com", []string{"http://examplexcom"},
		false},
	{"trailing dot", "", "example.com", []string{"http://example.com."}, false},
	{"userinfo", "", "example.com", []string{"http://example.com@evil.com"}, false},
	{"host as userinfo", "", "example.com", []string{"http://evil.com@example.com"},
		false},
	{"path", "", "example.com", []string{"http://example.com/"}, false},
	{"host in path", "", "example.com", []string{"http://evil.com/http://example.com"},
		false},
	{"host in query", "", "example.com", []string{"http://evil.com?http://example.com"},
		false},
	{"line end", "", "example.com", []string{"http://example.com\n"}, false},
	{"lines", "", "example.com", []string{"http://evil.com\nhttp://example.com"}, false},
	{"space", "", "example.com", []string{"http://example.com "}, false},
	{"list", "", "example.com", []string{"http://example.com, http://evil.com"}, false},
	{"another scheme", "", "example.com", []string{"ftp://example.com"}, false},
	{"websocket scheme", "", "example.com", []string{"ws://example.com"}, false},
	{"scheme in upper case", "", "example.com", []string{"HTTP://example.com"}, false},
	{"longer scheme", "", "example.com", []string{"xhttp://example.com"}, false},
	{"no scheme", "", "example.com", []string{"example.com"}, false},
	{"null", "", "example.com", []string{"null"}, false},
	{"host null", "", "null", []string{"null"}, false},
	{"empty", "", "example.com", []string{""}, false},
	{"none", "", "example.com", nil, false},
	{"none, no host", "", "", nil, false},
	{"twice the same", "", "example.com",
		[]string{"http://example.com", "http://example.com"}, false},
	{"twice, the second another", "", "example.com",
		[]string{"http://example.com", "http://evil.com"}, false},
	{"twice, any", ".*", "example.com", []string{"http://example.com", "http://evil.com"},
		false},
	{"Kelvin sign in the origin", "", "kelvin.com", []string{"http://\u212aelvin.com"},
		false},
	{"Kelvin sign in the host", "", "\u212aelvin.com", []string{"http://kelvin.com"},
		false},
	{"long s", "", "sites.com", []string{"http://\u017fites.com"}, false},
	{"dotted i", "", "sites.com", []string{"http://s\u0130tes.com"}, false},
	{"case of what is not ASCII", "", "bücher.example", []string{"http://bÜcher.example"},
		false},
	{"invalid UTF-8 in both", "", "\xff.com", []string{"http://\xff.com"}, false},
	{"invalid UTF-8 in the host", "", "\xff.com", []string{"http://\ufffd.com"}, false},
	{"invalid UTF-8 in the origin", "", "\ufffd.com", []string{"http://\xff.com"}, false},
	{"half of a rune", "", "b\xc3", []string{"http://bü"}, false},
	{"too long for a host", "", strings.Repeat("a", 2000),
		[]string{"http://" + strings.Repeat("a", 2000)}, false},

	{"host .*", "", ".*", []string{"http://evil.com"}, false},
	{"host .*, literally", "", ".*", []string{"http://.*"}, true},
	{"host with alternative", "", "a|evil.com", []string{"http://evil.com"}, false},
	{"host with alternative to end", "", "a|", []string{"http://evil.com"}, false},
	{"host that ends a group", "", "a)|(.*", []string{"http://evil.com"}, false},
	{"host with class", "", "[a-z.]+", []string{"http://evil.com"}, false},
	{"host with flag", "", "(?s).*", []string{"http://evil.com"}, false},
	{"host with quote", "", `\Q.*\E`, []string{"http://evil.com"}, false},
	{"host with end of quote", "", `\E.*`, []string{"http://evil.com"}, false},
	{"host with backslash", "", `\`, []string{`http://\`}, true},
	{"host that is the placeholder", "", "{{host}}", []string{"http://{{host}}"}, true},
	{"host with the placeholder", "", "{{host}}.*", []string{"http://evil.com"}, false},
	{"host with expansion", "", "$0", []string{"http://$0"}, true},

	{"fixed", "^https://example\\.com$", "internal:8080", []string{"https://example.com"},
		true},
	{"fixed, another", "^https://example\\.com$", "internal:8080",
		[]string{"https://internal:8080"}, false},
	{"fixed, none", "^https://example\\.com$", "internal:8080", nil, false},
	{"not anchored", "example", "internal", []string{"http://example.com.evil.com"},
		true},
	{"anything", ".*", "example.com", []string{"http://evil.com"}, true},
	{"anything, none", ".*", "example.com", nil, true},
	{"anything, null", ".*", "example.com", []string{"null"}, true},
	{"something, none", ".+", "example.com", nil, false},
	{"none or the same: none", "^$|^https?://{{host}}$", "example.com", nil, true},
	{"none or the same: empty", "^$|^https?://{{host}}$", "example.com", []string{""},
		true},
	{"none or the same: the same", "^$|^https?://{{host}}$", "example.com",
		[]string{"http://example.com"}, true},
	{"none or the same: another", "^$|^https?://{{host}}$", "example.com",
		[]string{"http://evil.com"}, false},
	{"none or the same: two empty", "^$|^https?://{{host}}$", "example.com",
		[]string{"", ""}, false},
	{"subdomains", `^https://([a-z]+\.)?{{host}}$`, "example.com",
		[]string{"https://www.example.com"}, true},
	{"subdomains, lookalike", `^https://([a-z]+\.)?{{host}}$`, "example.com",
		[]string{"https://wwwexample.com"}, false},
	{"placeholder twice", "^https?://({{host}}|admin\\.{{host}})$", "example.com",
		[]string{"http://admin.example.com"}, true},
	{"placeholder twice, first", "^https?://({{host}}|admin\\.{{host}})$", "example.com",
		[]string{"http://example.com"}, true},
	{"placeholder before an operator", "^http://{{host}}?$", "example.com",
		[]string{"http://"}, true},
	{"placeholder before an operator, its last letter", "^http://{{host}}?$",
		"example.com", []string{"http://example.co"}, false},
	{"placeholder before a plus", "^http://{{host}}+$", "a.b", []string{"http://a.ba.b"},
		true},
	{"placeholder before a plus, its last letter", "^http://{{host}}+$", "a.b",
		[]string{"http://a.bbb"}, false},
	{"placeholder in a group, host with alternative", "^http://({{host}})$", "a|evil.com",
		[]string{"http://evil.com"}, false},
	{"another word", "^https?://{{hostname}}$", "example.com",
		[]string{"http://example.com"}, true},
	{"another word, another host", "^https?://{{hostname}}$", "example.com",
		[]string{"http://evil.com"}, false},
	{"upper case word", "{{Host}}$", "example.com", []string{"http://example.com"}, true},
	{"several words", "^http://({{a}}|{{b_2}}):80$", "h", []string{"http://h:80"}, true},
	{"no word", "^http://x{{}}$", "h", []string{"http://x{{}}"}, true},
	{"two words", "^http://x{{a b}}$", "h", []string{"http://h"}, false},
	{"folded pattern", "(?i)^http://{{host}}$", "example.com",
		[]string{"HTTP://EXAMPLE.com"}, true},
	{"host too long to be repeated", "^http://({{host}}){100}$", strings.Repeat("a", 500),
		[]string{"http://evil.com"}, false},
}

// Contract 1.2: which origins may connect.
func TestOrigins(t *testing.T) {
	for _, test := range origins {
		t.Run(test.name, func(t *testing.T) {
			r := &http.Request{Host: test.host, Header: http.Header{}}
			if test.origin != nil {
				r.Header["Origin"] = test.origin
			}

			if got := newOriginCheck(test.pattern).allows(r); got != test.want {
				t.Errorf("allows(origin %.80q, host %.80q) = %v, want %v, by %q",
					test.origin, test.host, got, test.want, test.pattern)
			}
		})
	}
}

// FuzzOrigin checks that the default pattern admits only pages of the same host.
func FuzzOrigin(f *testing.F) {
	for _, row := range origins {
		if len(row.origin) == 1 {
			f.Add(row.host, row.origin[0])
		}
	}
	check := newOriginCheck("")
	f.Fuzz(func(t *testing.T, host, origin string) {
		r := &http.Request{Host: host, Header: http.Header{"Origin": {origin}}}

		got := check.allows(r)

		same := sameOrigin(origin, host, "http://", ":80") ||
			sameOrigin(origin, host, "https://", ":443")
		if got && !same {
			t.Errorf("allows(origin %q, host %q) = true, want false", origin, host)
		}
		// The reverse, for what a browser sends.
		u, err := url.Parse(origin)
		if err == nil && same && u.Host == host && u.String() == origin &&
			len(origin) < maxOrigin && !got {
			t.Errorf("allows(origin %q, host %q) = false, want true", origin, host)
		}
	})
}

// FuzzSimpleOrigin checks that comparing with a pattern gives the same answer
// as compiling it.
func FuzzSimpleOrigin(f *testing.F) {
	patterns := []string{"^{{host}}$", "^https?://{{host}}$",
		`^https://(www\.)?{{host}}$`, "^a?b*?[c-d]+.{{h}}$",
		"^a|b{{host}}$", "^(?i)a{{host}}$", `^a\b{{host}}$`, "^(a{{host}}$",
		"^a[{{host}}$", `^a\{{host}}$`,
		"^(a,b){{host}}$", "^a{2}{{host}}$", "^a??{{host}}$", "^[(]{{host}}$",
		"^[a|b]{{host}}$", "^()+{{host}}$"}
	for _, row := range origins {
		if len(row.origin) == 1 {
			patterns = append(patterns, row.pattern)
			f.Add("", row.host, row.origin[0])
		}
	}
	for _, pattern := range patterns {
		f.Add(pattern, "h", "https://www.h")
		f.Add(pattern, "h", "ah")
	}
	f.Fuzz(func(t *testing.T, pattern, host, origin string) {
		if pattern == "" {
			pattern = defaultOrigin
		}
		scheme := simpleScheme(pattern)
		if scheme == nil || !utf8.ValidString(host) || !utf8.ValidString(origin) {
			return
		}
		c := originCheck{pattern: pattern, scheme: scheme}
		if got, want := c.compares(origin, host), c.compiles(origin, host); got != want {
			t.Errorf("compares(%q, %q) by %q = %t, want %t", origin, host, pattern, got,
				want)
		}
	})
}

// sameOrigin reports whether origin is a page of host, where port is the scheme's own.
func sameOrigin(origin, host, scheme, port string) bool {
	return equalASCII(origin, scheme+host) || strings.HasPrefix(origin, scheme) &&
		equalASCII(strings.TrimSuffix(origin, port), scheme+strings.TrimSuffix(host, port))
}

// equalASCII compares byte by byte and ignores the case of ASCII letters.
func equalASCII(a, b string) bool {
	lower := func(s string) string {
		p := []byte(s)
		for i, c := range p {
			if 'A' <= c && c <= 'Z' {
				p[i] += 'a' - 'A'
			}
		}
		return string(p)
	}
	return lower(a) == lower(b)
}
