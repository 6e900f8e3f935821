package natslog

import (
	"crypto/sha256"
	"encoding/base64"
)

// maxName is how long a name may be to be encoded as it is. A server takes subjects of
// less than 4 KiB.
const maxName = 128

// token encodes a room's name as one token of a subject. Base64 for URLs has neither dots
// nor wildcards and tells upper from lower case. The letter in front makes a token of the
// empty name, and keeps hashes apart from names.
func token(room string) string {
	if len(room) > maxName {
		return "h" + hash(room)
	}
	return "n" + base64.RawURLEncoding.EncodeToString([]byte(room))
}

// messageID makes an id for NATS's duplicate window, which is one for the whole stream. A
// hash, since clients choose ids: their length, and what is in them. The attempt counts
// the times that the id was used up by an entry that came too late.
func messageID(room, id string, attempt int) string {
	return token(room) + "." + hash(id) + string(rune('a'+attempt))
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
