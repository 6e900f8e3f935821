package natsbroker

import (
	"crypto/sha256"
	"encoding/base64"
)

// maxName is the longest name that is not hashed. A server takes subjects of less than
// 4 KiB.
const maxName = 128

// token encodes a room's name as one token of a subject. URL-safe Base64 has neither dots
// nor wildcards. The first letter makes a token even of the empty name, and distinguishes
// hashes from names.
func token(room string) string {
	if len(room) > maxName {
		sum := sha256.Sum256([]byte(room))
		return "h" + base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return "n" + base64.RawURLEncoding.EncodeToString([]byte(room))
}
