package sockets

import (
	"net/http"
	"strconv"
	"strings"
)

const extensionsHeader = "Sec-Websocket-Extensions"

// withServableOffers returns r with the offers of compression left out that gorilla would accept but not keep: gorilla looks
// at the name of an extension and not at its parameters, compresses with a window of 32 KiB, and says so to nobody.
// r itself is not changed.
func withServableOffers(r *http.Request) *http.Request {
	header := r.Header.Clone()
	header.Del(extensionsHeader)
	for _, offer := range strings.Split(strings.Join(r.Header[extensionsHeader], ","), ",") {
		if servable(offer) {
			header.Set(extensionsHeader, "permessage-deflate")
			break
		}
	}
	c := *r
	c.Header = header
	return &c
}

// servable reports whether offer is one of permessage-deflate that the answer "server_no_context_takeover;
// client_no_context_takeover", which is gorilla's only one, accepts as RFC 7692, 7.1 asks. Splitting at every comma and semicolon is enough: a
// quoted string that holds one is no valid value, and its pieces are no valid offer.
func servable(offer string) bool {
	name, params, _ := strings.Cut(offer, ";")
	if strings.TrimSpace(name) != "permessage-deflate" {
		return false
	}
	seen := map[string]bool{}
	for param := range strings.SplitSeq(params, ";") {
		if params == "" {
			break
		}
		key, value, hasValue := strings.Cut(param, "=")
		key = strings.TrimSpace(key)
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
	// server_max_window_bits would have to be in the answer; anything unknown has to be declined.
	return false
}

// validWindowBits: 8 to 15 in decimal digits without leading zeros (RFC 7692, 7.1.2.2).
func validWindowBits(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && 8 <= n && n <= 15 && strconv.Itoa(n) == s
}

func unquote(value string) string {
	value = strings.TrimSpace(value)
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		return value[1 : len(value)-1]
	}
	return value
}
