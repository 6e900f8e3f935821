package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestCheckName(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		err        error
	}{
		{name: "Ann", want: "Ann"},
		{name: " \tAnn \n von  Au ", want: "Ann von Au"},
		{name: "<b>", want: "<b>"},
		{name: "👩\u200d🚀", want: "👩\u200d🚀"},
		{name: "A\xffnn", want: "A\uFFFDnn"},
		{name: strings.Repeat("é", maxName), want: strings.Repeat("é", maxName)},
		{name: strings.Repeat("é", maxName+1), err: errNameLong},
		{name: "", err: errNameEmpty},
		{name: " \u00a0\u2003", err: errNameEmpty},
		{name: "\u200d\u200c\u00ad", err: errNameEmpty},
		{name: "Ann\u202e", err: errOdd},
		{name: "A\u00adnn", err: errOdd},
		{name: "A\x00nn", err: errOdd},
	} {
		if got, err := checkName(tt.name); got != tt.want || err != nil && err != tt.err || err == nil && tt.err != nil {
			t.Errorf("checkName(%q) = %q, %v, want %q, %v", tt.name, got, err, tt.want, tt.err)
		}
	}
}

func TestFold(t *testing.T) {
	for _, same := range [][]string{{"Ann", "aNN", "A nn", "A\u200dnn"}, {"Größe", "GRÖßE"}, {"Σας", "ΣΑΣ"}} {
		for _, name := range same {
			if fold(name) != fold(same[0]) {
				t.Errorf("fold(%q) = %q, want %q as of %q", name, fold(name), fold(same[0]), same[0])
			}
		}
	}
	if fold("Ann") == fold("Anna") {
		t.Error("fold makes two names one")
	}
}

// The fullest room is welcomed with one message on a connection, and reported with one between nodes.
func TestFullestRoomFits(t *testing.T) {
	const worst = "\u2028" // six bytes in JSON
	welcome := &Message{Kind: kindWelcome, ID: strings.Repeat("i", 16), Name: strings.Repeat(worst, maxName)}
	n := &note{Node: strings.Repeat("n", 26)}
	for i := range maxPeople {
		name := fmt.Sprint(i) + strings.Repeat(worst, maxName)
		welcome.People = append(welcome.People, name)
		n.People = append(n.People, person{ID: welcome.ID, Name: name, Since: 1 << 62})
	}
	for range maxHistory {
		welcome.History = append(welcome.History, &Message{Kind: kindSaid, ID: welcome.ID + strings.Repeat(worst, maxID), Name: welcome.Name,
			Text: strings.Repeat(worst, maxText), Time: 1 << 52})
	}
	n.History = welcome.History
	for _, v := range []any{welcome, n} {
		if data, err := json.Marshal(v); err != nil || len(data) > maxMessage {
			t.Errorf("%T: %d bytes, %v, want %d at the most", v, len(data), err, maxMessage)
		}
	}
}
