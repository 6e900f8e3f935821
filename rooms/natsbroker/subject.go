package natsbroker

import (
	"crypto/sha256"
	"encoding/base64"
)

// maxName is how long a name may be to be encoded as it is. A server takes subjects of
// less than 4 KiB.
const maxName = 128

// token encodes a room's name as one token of a subject. Base64 for URLs has neither dots
// nor wildcards, tells upper from lower case, and the letter in front makes a token of
// the empty name and keeps hashes apart from names.
func token(room string) string {
	if len(room) > maxName {
		sum := sha256.Sum256([]byte(room))
		return "h" + base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return "n" + base64.RawURLEncoding.EncodeToString([]byte(room))
}
