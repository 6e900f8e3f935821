package natslog

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
		return "h" + hash(room)
	}
	return "n" + base64.RawURLEncoding.EncodeToString([]byte(room))
}

// messageID makes an id for NATS's duplicate window, which the whole stream shares. It
// hashes the id, because clients choose its length and contents. attempt counts how often
// an entry that came too late had used up the id.
func messageID(room, id string, attempt int) string {
	return token(room) + "." + hash(id) + string(rune('a'+attempt))
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
