// Package subjects makes NATS subjects of names. It needs nothing of NATS.
package subjects

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"unicode"
)

// maxName is the longest name that is not hashed. A server takes subjects of less than
// 4 KiB.
const maxName = 128

// Token encodes a room's name as one token of a subject. URL-safe Base64 has neither dots
// nor wildcards. The first letter makes a token even of the empty name, and distinguishes
// hashes from names.
func Token(room string) string {
	if len(room) > maxName {
		return "h" + Hash(room)
	}
	return "n" + base64.RawURLEncoding.EncodeToString([]byte(room))
}

// Hash makes 43 letters, digits, - and _ of any string.
func Hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// BadPrefix returns why subjects must not begin with prefix, and "" if they may.
func BadPrefix(prefix string) (reason string) {
	for token := range strings.SplitSeq(prefix, ".") {
		if token == "" {
			return "an empty token"
		}
	}
	switch {
	case strings.ContainsAny(prefix, "*>"):
		return "a wildcard"
	case strings.HasPrefix(prefix, "$"):
		return "subjects with $ are the server's own"
	case strings.Contains(prefix, `"`):
		return "a quote, in which the server's errors put a subject"
	case strings.ContainsFunc(prefix, blank):
		return "a blank"
	case len(prefix) > 1024:
		return "longer than 1024 bytes"
	}
	return ""
}

func blank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
