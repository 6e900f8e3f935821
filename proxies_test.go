package sockets_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
)

func networks(list ...string) (all []netip.Prefix) {
	for _, s := range list {
		all = append(all, netip.MustParsePrefix(s))
	}
	return all
}

// proxiesTest is a row of TestClientAddr. All requests come through 10.0.0.1, which is
// trusted with its network, unless remote says otherwise.
type proxiesTest struct {
	name   string
	remote string
	lines  []string // of the header
	want   string
}

var forwardedForTests = []proxiesTest{
	{"no header", "", nil, "10.0.0.1"},
	{"one", "", []string{"192.0.2.9"}, "192.0.2.9"},
	{"spoofed before", "", []string{"6.6.6.6, 192.0.2.9"}, "192.0.2.9"},
	{"spoofed line before", "", []string{"6.6.6.6", "192.0.2.9"}, "192.0.2.9"},
	{"spoofed proxy before", "", []string{"10.0.0.7, 6.6.6.6, 192.0.2.9"}, "192.0.2.9"},
	{"two proxies", "", []string{"6.6.6.6, 192.0.2.9, 10.0.0.2"}, "192.0.2.9"},
	{"two proxies, two lines", "", []string{"6.6.6.6, 192.0.2.9", "10.0.0.2"}, "192.0.2.9"},
	{"only proxies", "", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
	{"from nobody who is trusted", "192.0.2.5:1", []string{"6.6.6.6"}, "192.0.2.5"},
	{"a network beside", "10.1.0.1:1", []string{"6.6.6.6"}, "10.1.0.1"},
	{"garbage last", "", []string{"192.0.2.9, unknown"}, "10.0.0.1"},
	{"garbage before", "", []string{"_hidden, 192.0.2.9"}, "192.0.2.9"},
	{"garbage behind a proxy", "", []string{"6.6.6.6, evil, 10.0.0.2"}, "10.0.0.2"},
	{"empty", "", []string{""}, "10.0.0.1"},
	{"empty last", "", []string{"6.6.6.6,"}, "10.0.0.1"},
	{"blanks", "", []string{" \t192.0.2.9\t "}, "192.0.2.9"},
	{"port", "", []string{"192.0.2.9:1234"}, "192.0.2.9"},
	{"bad port", "", []string{"192.0.2.9:123456"}, "10.0.0.1"},
	{"leading zero", "", []string{"192.0.02.9"}, "10.0.0.1"},
	{"IPv6", "", []string{"2001:db8::1"}, "2001:db8::1"},
	{"IPv6, port", "", []string{"[2001:db8::1]:80"}, "2001:db8::1"},
	{"IPv6, brackets", "", []string{"[2001:db8::1]"}, "2001:db8::1"},
	{"IPv4, brackets", "", []string{"[192.0.2.9]"}, "10.0.0.1"},
	{"bracket", "", []string{"[2001:db8::1"}, "10.0.0.1"},
	{"zone", "", []string{"fe80::1%eth0"}, "fe80::1"},
	{"odd zone", "", []string{"fe80::1%\x00\xff]"}, "fe80::1"},
	{"zone of a proxy", "[fe80::1%eth0]:1", []string{"192.0.2.9"}, "192.0.2.9"},
	{"mapped", "", []string{"::ffff:192.0.2.9"}, "192.0.2.9"},
	{"mapped proxy", "[::ffff:10.0.0.1]:80", []string{"192.0.2.9"}, "192.0.2.9"},
	{"mapped network", "172.16.0.1:80", []string{"192.0.2.9"}, "192.0.2.9"},
	{"Unix socket", "@", []string{"6.6.6.6"}, "invalid IP"},
	{"address alone", "10.0.0.1", []string{"192.0.2.9"}, "192.0.2.9"},
	{"quoted", "", []string{`"192.0.2.9"`}, "10.0.0.1"},
	{"line end", "", []string{"192.0.2.9\r\n"}, "10.0.0.1"},
	{"very many", "", []string{strings.Repeat("6.6.6.6,", 100_000) + "192.0.2.9"}, "192.0.2.9"},
	{"very many proxies", "", []string{strings.Repeat("10.0.0.2,", 100_000) + "10.0.0.3"},
		"10.0.0.2"},
}

// Contract 7.8: the address behind the proxies that are trusted, and nothing that a client
// has written in their header.
func TestClientAddr(t *testing.T) {
	p := sockets.Proxies{Networks: networks("10.0.0.0/16", "fe80::/10",
		"::ffff:172.16.0.0/108")}
	p.Networks = append(p.Networks, netip.Prefix{})
	for _, test := range forwardedForTests {
		t.Run(test.name, func(t *testing.T) { test.run(t, p, "X-Forwarded-For") })
	}
}

func (test proxiesTest) run(t *testing.T, p sockets.Proxies, header string) {
	r := apptest.Handshake(apptest.Header(header, test.lines...))
	if r.RemoteAddr = test.remote; test.remote == "" {
		r.RemoteAddr = "10.0.0.1:1234"
	}
	begin := time.Now()
	if got := p.ClientAddr(r).String(); got != test.want {
		t.Errorf("ClientAddr() = %s, want %s", got, test.want)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("ClientAddr() took %v", took)
	}
}

// Contract 7.8: the same of RFC 7239. Nothing inside a quoted value is an element.
func TestForwarded(t *testing.T) {
	p := sockets.Proxies{Networks: networks("10.0.0.0/16"), Header: "forwarded"}
	for _, test := range []proxiesTest{
		{"one", "", []string{"for=192.0.2.9"}, "192.0.2.9"},
		{"quoted", "", []string{`for="192.0.2.9:80"`}, "192.0.2.9"},
		{"IPv6", "", []string{`For="[2001:db8::1]:80"`}, "2001:db8::1"},
		{"IPv6 without quotes", "", []string{`for=[2001:db8::1]`}, "10.0.0.1"},
		{"parameters", "", []string{"by=10.0.0.1; for=192.0.2.9 ;proto=https"}, "192.0.2.9"},
		{"spoofed before", "", []string{"for=6.6.6.6, for=192.0.2.9;proto=http"}, "192.0.2.9"},
		{"spoofed with a quote", "", []string{`for="6.6.6.6`, "for=192.0.2.9"}, "192.0.2.9"},
		{"spoofed with a quote, one line", "", []string{`for=6.6.6.6;x=", for=192.0.2.9`},
			"192.0.2.9"},
		{"inside a value", "", []string{`for=192.0.2.9;host="a,for=6.6.6.6"`}, "10.0.0.1"},
		{"inside a value, with more", "", []string{`for=192.0.2.9;host="a,for=6.6.6.6;b=c"`},
			"10.0.0.1"},
		{"inside a value, quoted", "",
			[]string{`for=192.0.2.9;host="a,for=6.6.6.6;b=\"c\""`}, "10.0.0.1"},
		{"inside a value, odd quote", "", []string{`for=192.0.2.9;host="a,for=6.6.6.6;b="`},
			"10.0.0.1"},
		{"inside a value, escaped", "", []string{`for=192.0.2.9;host="a,for=6.6.6.6;b="\""`},
			"10.0.0.1"},
		{"two proxies", "", []string{"for=6.6.6.6,for=192.0.2.9", "for=10.0.0.9"}, "192.0.2.9"},
		{"twice", "", []string{"for=192.0.2.9;for=6.6.6.6"}, "10.0.0.1"},
		{"unknown", "", []string{"for=192.0.2.9, for=unknown"}, "10.0.0.1"},
		{"hidden", "", []string{"for=_a"}, "10.0.0.1"},
		{"without for", "", []string{"for=192.0.2.9, proto=https"}, "10.0.0.1"},
		{"no name", "", []string{"=192.0.2.9"}, "10.0.0.1"},
		{"bad name", "", []string{"a b=c;for=192.0.2.9"}, "10.0.0.1"},
		{"no value", "", []string{"for"}, "10.0.0.1"},
		{"empty element", "", []string{"for=192.0.2.9;"}, "10.0.0.1"},
		{"very many", "", []string{strings.Repeat("for=6.6.6.6,", 80_000) + "for=192.0.2.9"},
			"192.0.2.9"},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, p, "Forwarded") })
	}
}

// Contract 7.8: no header is believed by default, nor any but the one that is named.
func TestProxiesBelieveNothing(t *testing.T) {
	headers := http.Header{"X-Forwarded-For": {"6.6.6.6"}, "Forwarded": {"for=6.6.6.6"},
		"X-Real-Ip": {"6.6.6.6"}}
	for name, test := range map[string]struct {
		sockets.Proxies
		want string
	}{
		"zero":       {sockets.Proxies{}, "10.0.0.1"},
		"other name": {sockets.Proxies{networks("10.0.0.0/8"), "X-Client"}, "10.0.0.1"},
		"its name":   {sockets.Proxies{networks("10.0.0.0/8"), "x-real-ip"}, "6.6.6.6"},
	} {
		r := apptest.Handshake(func(r *http.Request) { r.Header, r.RemoteAddr = headers, "10.0.0.1:1" })
		if got := test.ClientAddr(r).String(); got != test.want {
			t.Errorf("%s: ClientAddr() = %s, want %s", name, got, test.want)
		}
	}
}

// Contract 7.7: the key of an address.
func TestKeyOfAddress(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.9:80": "192.0.2.9", "[::ffff:192.0.2.9]:80": "192.0.2.9",
		"[2001:db8:1:2:3::4]:80": "2001:db8:1:2::/64", "[fe80::1%eth0]:80": "fe80::/64",
		"@": "@", "": "",
	} {
		r := apptest.Handshake(func(r *http.Request) { r.RemoteAddr = remote })
		if got := (sockets.Proxies{}).Key(r); got != want {
			t.Errorf("Key() of %q = %q, want %q", remote, got, want)
		}
	}
}

// Contract 7.8: whatever a header contains, the address is that of the last hop or of what
// follows the last trusted one, and never the client's own claim before it.
func FuzzClientAddr(f *testing.F) {
	for _, test := range forwardedForTests {
		if len(test.lines) == 1 && len(test.lines[0]) < 100 {
			f.Add(test.lines[0])
		}
	}
	f.Add(`for="6.6.6.6`)
	f.Add(`for=6.6.6.6;x="`)
	f.Fuzz(func(t *testing.T, claim string) {
		for name, own := range map[string]string{"X-Forwarded-For": "192.0.2.9",
			"Forwarded": "for=192.0.2.9"} {
			p := sockets.Proxies{Networks: networks("10.0.0.0/8"), Header: name}
			for _, lines := range [][]string{{claim + "," + own}, {claim, own}} {
				r := apptest.Handshake(apptest.Header(name, lines...))
				r.RemoteAddr = "10.0.0.1:1"
				if got := p.ClientAddr(r).String(); got != "192.0.2.9" {
					t.Errorf("ClientAddr() of %q = %s, want 192.0.2.9", lines, got)
				}
			}
			r := apptest.Handshake(apptest.Header(name, claim))
			r.RemoteAddr = "10.0.0.1:1"
			p.ClientAddr(r) // must not panic
		}
	})
}
