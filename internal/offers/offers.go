// Package offers declines extension offers that gorilla would accept but not honour.
package offers

import (
	"net/http"
	"strconv"
	"strings"
)

const extensionsHeader = "Sec-Websocket-Extensions"

// Servable returns a copy of r with at most one offer of compression, and reports
// whether it has one. The offer is the plain one; it replaces all others if
// gorilla can serve any of them. Gorilla looks only at an extension's name, not
// at its parameters. It compresses with a window of 32 KiB without saying so.
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

// anyServable reports whether one of the offers is servable. A parameter's
// value is a token even inside quotes (RFC 6455, 9.1), so quotes contain no
// comma, where the list was split, and no backslash. If they do, the list is
// malformed, and none of its offers can be trusted.
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

// servable reports whether offer is permessage-deflate with parameters that
// gorilla's only answer satisfies (RFC 7692, 7.1). That answer is
// "server_no_context_takeover; client_no_context_takeover".
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
	// The answer would have to contain server_max_window_bits, and unknown
	// parameters must be declined.
	return false
}

// validWindowBits accepts 8 to 15 without leading zeros (RFC 7692, 7.1.2.2).
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
