package history

import "fmt"

// keys are how messages of a history replace each other (contract 9.10, 9.11).
type keys struct {
	keyed  bool
	retain bool
}

// keysOf lets half of the seeds have keys. Rooms on a log do not use retain: JoinAfter
// reduces what was missed instead.
func keysOf(seed uint64) keys { return keys{keyed: seed%2 == 1, retain: seed%4 == 3} }

// keyOf returns the key of the nth message of a speaker, which shares it with no other
// speaker. Each fourth has none.
func (k keys) keyOf(site, speaker, n int) string {
	if !k.keyed || n%4 == 0 {
		return ""
	}
	return fmt.Sprint(site, " ", speaker, " ", n%4)
}

// ofText is the key of what a talker says.
func (k keys) ofText(msg string) string {
	r, _, err := parse(msg)
	if err != nil {
		return ""
	}
	return k.keyOf(r.site, r.speaker, r.n)
}

// ofID is the key of what is said with that id.
func (k keys) ofID(id string) string {
	var speaker, n int
	if _, err := fmt.Sscanf(id, "m%d-%d", &speaker, &n); err != nil {
		return ""
	}
	return k.keyOf(0, speaker, n)
}
