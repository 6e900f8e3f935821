// Package offers declines the extension offers of a websocket handshake that
// gorilla would accept but not keep.
package offers

import (
	"net/http"
	"strconv"
	"strings"
)

const extensionsHeader = "Sec-Websocket-Extensions"

// Servable returns r with at most one offer of compression: the bare one, if
// the client has made any that gorilla can serve, and whether it has. Gorilla
// looks at the name of an extension and not at its parameters, compresses with
// a window of 32 KiB, and says so to nobody. r itself is not changed.
func Servable(r *http.Request) (_ *http.Request, compressed bool) {
	header := r.Header.Clone()
	header.Del(extensionsHeader)
	// Several headers mean the same as one list (RFC 6455, 9.1).
	compressed = anyServable(strings.Split(strings.Join(r.Header[extensionsHeader], ","),
		","))
	if compressed {
		header.Set(extensionsHeader, "permessage-deflate")
	}
	c := *r
	c.Header = header
	return &c, compressed
}

// anyServable reports whether one of the offers is servable. The value of a
// parameter is a token, even where it is quoted (RFC 6455, 9.1), so quotes do
// not hold the commas that the list was split at, and need no backslash: a list
// in which they do is malformed, and nothing in it was offered for certain.
func anyServable(offers []string) bool {
	found := false
	for _, offer := range offers {
		if strings.Count(offer, `"`)%2 != 0 || strings.Contains(offer, `\`) {
			return false
		}
		found = found || servable(offer)
	}
	return found
}

// servable reports whether offer is one of permessage-deflate that the answer
// "server_no_context_takeover; client_no_context_takeover", which is gorilla's
// only one, accepts as RFC 7692, 7.1 asks.
func servable(offer string) bool {
	params := strings.Split(offer, ";")
	if trim(params[0]) != "permessage-deflate" {
		return false
	}
	seen := map[string]bool{}
	for _, param := range params[1:] {
		key, value, hasValue := strings.Cut(param, "=")
		key = trim(key)
		if seen[key] || !servableParam(key, unquote(value), hasValue) {
			return false
		}
		seen[key] = true
	}
	return true
}

func servableParam(key, value string, hasValue bool) bool {
	switch key {
	case "server_no_context_takeover", "client_no_context_takeover":
		return !hasValue
	case "client_max_window_bits":
		// A hint about the client's own window; the answer need not mention it.
		return !hasValue || validWindowBits(value)
	}
	// server_max_window_bits would have to be in the answer; anything unknown
	// has to be declined.
	return false
}

// validWindowBits: 8 to 15 in decimal digits without leading zeros (RFC 7692, 7.1.2.2).
func validWindowBits(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && 8 <= n && n <= 15 && strconv.Itoa(n) == s
}

func unquote(value string) string {
	value = trim(value)
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		return value[1 : len(value)-1]
	}
	return value
}

func trim(s string) string { return strings.Trim(s, " \t") }
