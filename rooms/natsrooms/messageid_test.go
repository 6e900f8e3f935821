package natsrooms

import (
	"strings"
	"testing"
)

// FuzzMessageID: an id is a short header, and another room, id or attempt has another
// one.
func FuzzMessageID(f *testing.F) {
	f.Add("", ".", "", 0)
	f.Add("a", "A", "a.b", 1)
	f.Add("a", "a.b", "\r\nNats-Rollup: all", 2)
	f.Add(strings.Repeat("a", 128), strings.Repeat("a", 129), "x", 1)
	f.Fuzz(func(t *testing.T, room, id, other string, attempt int) {
		attempt &= 15
		got := messageID(room, id, attempt)
		if len(got) > 300 || strings.ContainsFunc(got, func(r rune) bool {
			return !strings.ContainsRune(
				"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.", r)
		}) {
			t.Errorf("messageID(%q, %q, %d) = %q, want letters, digits, -, _ and .", room, id, attempt, got)
		}
		if (messageID(other, id, attempt) == got) != (other == room) ||
			(messageID(room, other, attempt) == got) != (other == id) ||
			messageID(room, id, attempt+1) == got {
			t.Errorf("messageID(%q, %q, %d) = %q, as for %q", room, id, attempt, got, other)
		}
	})
}
