package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A node that is not ours may speak, but only as a page could have.
func TestWhatNodesSay(t *testing.T) {
	const ok = `{"kind":"said","id":"0123-7","from":{"id":"0123","name":"Ann"},"text":"hi","time":5}`
	now := time.Now().UnixMilli()
	for _, tt := range []struct {
		name, old, new string
		refused        bool
	}{
		{name: "as it should be"},
		{name: "another kind", old: `"said"`, new: `"welcome"`}, // is said all the same
		{name: "no JSON", old: `{`, new: ``, refused: true},
		{name: "no text", old: `hi`, new: ` `, refused: true},
		{name: "no name", old: `Ann`, new: ``, refused: true},
		{name: "long name", old: `Ann`, new: strings.Repeat("x", maxName+1), refused: true},
		{name: "no id", old: `0123-7`, new: `0123-`, refused: true},
		{name: "future", old: `5`, new: fmt.Sprint(now + 1e9)},
		{name: "past", old: `5`, new: `-9000000000000000`},
		{name: "people", old: `"text"`, new: `"joined":[{"name":"Bo"}],"text"`},
	} {
		m, err := decodeSaid([]byte(strings.Replace(ok, tt.old, tt.new, 1)))
		if (err != nil) != tt.refused {
			t.Errorf("%s: decodeSaid() = %v, want refused: %v", tt.name, err, tt.refused)
			continue
		}
		if err == nil && (m.Kind != "said" || m.ID != "0123-7" || m.From.Name != "Ann" ||
			m.Text != "hi" || m.Time < 0 || m.Time > time.Now().UnixMilli() || m.Joined != nil) {
			t.Errorf("%s: decodeSaid() = %+v", tt.name, m)
		}
	}
}
