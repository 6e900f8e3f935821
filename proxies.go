package sockets

import (
	"net/http"
	"net/netip"
	"strings"
)

// Proxies says which proxies a program trusts to tell who their client is. The zero value
// trusts none: anyone can send a header. It is for [Group].Key, and for what a handler
// wants to know of its client. Its methods are safe for concurrent use.
type Proxies struct {
	// Networks are the addresses of the proxies. Only a request that comes from one of
	// them has its header read.
	Networks []netip.Prefix

	// Header is the header that these proxies set: the name of one with addresses, such
	// as X-Real-Ip, or Forwarded (RFC 7239). Proxies pass on what they do not set, so
	// name the one that yours set. Default: X-Forwarded-For.
	Header string
}

// ClientAddr returns the address of the client that made a request: the nearest one that
// is not a trusted proxy's. A proxy appends the address from which it got the request, so
// ClientAddr reads the header from its end, and stops at the first address that is not in
// Networks. What a client has written before that is never read.
//
// If a proxy names no address that can be read, or only addresses in Networks, ClientAddr
// returns the last one that it knows. The result has no zone and is not an IPv4-mapped
// IPv6 address. It is the zero Addr if r.RemoteAddr is no address, as on a Unix socket.
func (p Proxies) ClientAddr(r *http.Request) netip.Addr {
	addr, ok := parseAddr(r.RemoteAddr)
	if !ok {
		return netip.Addr{}
	}
	name := p.Header
	if name == "" {
		name = "X-Forwarded-For"
	}
	parse := parseAddr
	if strings.EqualFold(name, "Forwarded") {
		parse = parseForwarded
	}
	lines := r.Header.Values(name)
	for n := len(lines) - 1; n >= 0; n-- {
		for line, more := lines[n], true; more; {
			var last string
			if !p.trusts(addr) {
				return addr
			}
			line, last, more = cutLast(line)
			next, ok := parse(last)
			if !ok {
				return addr
			}
			addr = next
		}
	}
	return addr
}

// Key returns the client's address as a [Group].Key: the address of ClientAddr, or for
// IPv6 its network of 64 bits, because a client has as many addresses there as it wants.
// If there is no address, it is r.RemoteAddr.
func (p Proxies) Key(r *http.Request) string {
	addr := p.ClientAddr(r)
	switch {
	case !addr.IsValid():
		return r.RemoteAddr
	case addr.Is6():
		network, _ := addr.Prefix(64) // 64 bits are always there
		return network.String()
	}
	return addr.String()
}

func (p Proxies) trusts(addr netip.Addr) bool {
	for _, network := range p.Networks {
		if inner := network.Addr(); inner.Is4In6() && network.Bits() >= 96 {
			network = netip.PrefixFrom(inner.Unmap(), network.Bits()-96)
		}
		if network.Contains(addr) {
			return true
		}
	}
	return false
}

// cutLast cuts a list before its last element. more is false if that is the only one.
func cutLast(list string) (before, last string, more bool) {
	if i := strings.LastIndexByte(list, ','); i >= 0 {
		return list[:i], list[i+1:], true
	}
	return "", list, false
}

// parseAddr reads an address, with a port or without: 192.0.2.1, 192.0.2.1:80,
// 2001:db8::1, [2001:db8::1] or [2001:db8::1]:80.
func parseAddr(s string) (_ netip.Addr, ok bool) {
	s = strings.Trim(s, " \t")
	addr, err := netip.ParseAddr(s)
	if err != nil {
		var withPort netip.AddrPort
		withPort, err = netip.ParseAddrPort(s)
		addr = withPort.Addr()
	}
	if inner, found := strings.CutPrefix(s, "["); err != nil && found {
		if inner, found = strings.CutSuffix(inner, "]"); found {
			addr, err = netip.ParseAddr(inner)
			found = addr.Is6()
		}
		if !found {
			return netip.Addr{}, false
		}
	}
	return addr.WithZone("").Unmap(), err == nil
}

// parseForwarded reads the parameter "for" of an element of Forwarded (RFC 7239, 4). An
// element was cut at a comma, which may have been inside a quoted value. Then a quote is
// not paired, and nothing is read, so nobody can forge an element inside a value.
func parseForwarded(element string) (addr netip.Addr, ok bool) {
	for more := true; more; {
		var pair string
		pair, element, more = strings.Cut(element, ";")
		name, value, isPair := strings.Cut(strings.Trim(pair, " \t"), "=")
		if quoted := len(value) > 1 && value[0] == '"'; quoted {
			value, isPair = strings.CutSuffix(value[1:], `"`)
		} else if !isToken(value) {
			return netip.Addr{}, false
		}
		if !isPair || !isToken(name) || strings.ContainsAny(value, `"\`) {
			return netip.Addr{}, false
		}
		if strings.EqualFold(name, "for") {
			if addr.IsValid() {
				return netip.Addr{}, false // two of them
			}
			if addr, ok = parseAddr(value); !ok {
				return netip.Addr{}, false
			}
		}
	}
	return addr, ok
}
