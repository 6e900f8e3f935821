package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Message is what goes between the server and a page. Its kinds, and what they carry:
//
//	welcome  From: who the page is; Joined: who is here; Complete: what was missed is all
//	said     ID, From, Text, Time, At; at first what was missed, until
//	now      At
//	news     Joined, Left
//	say      from a page: Text, and an ID that it made; the answer has the same ID:
//	kept     the room has it; later: say it again; wrong: it cannot be said, Text is why
//
// Anything else from a page goes back as it came, and tells it that the server is there.
type Message struct {
	Kind     string   `json:"kind"`
	ID       string   `json:"id,omitempty"`
	From     Person   `json:"from,omitzero"`
	Text     string   `json:"text,omitempty"`
	Time     int64    `json:"time,omitempty"` // in milliseconds
	At       string   `json:"at,omitempty"`   // the position in the log of the room
	Complete bool     `json:"complete,omitempty"`
	Joined   []Person `json:"joined,omitempty"`
	Left     []Person `json:"left,omitempty"`
}

// The close codes of our own, and a reason, which is for the person.
const (
	closeRefused = 4000 // no such name
	closeTaken   = 4001 // the name was given twice, by nodes that did not hear each other
	closeNoRoom  = 4002 // no such room
	taken        = "that name is taken by someone in this room"
)

const maxName, maxRoom, maxText, maxID = 24, 40, 1000, 64 // characters, of an id bytes

// newSaid is what a room gets of what somebody says.
func newSaid(from Person, id, text string) (*Message, error) {
	text = strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD"))
	if n := utf8.RuneCountInString(text); n == 0 || n > maxText {
		return nil, fmt.Errorf("a message has 1 to %d characters", maxText)
	}
	if id == "" || len(from.ID+id) > maxID {
		return nil, fmt.Errorf("a message has an id of 1 to %d bytes", maxID)
	}
	return &Message{Kind: "said", ID: from.ID + "-" + id, From: from, Text: text,
		Time: time.Now().UnixMilli()}, nil
}

// decodeSaid reads what another node has sent. It takes only what a page can say.
func decodeSaid(data []byte) (m *Message, err error) {
	var said Message
	if err = json.Unmarshal(data, &said); err != nil {
		return nil, err
	}
	if said.From.Name, err = checkName(said.From.Name, maxName); err != nil {
		return nil, err
	}
	m, err = newSaid(said.From, strings.TrimPrefix(said.ID, said.From.ID+"-"), said.Text)
	if err == nil {
		m.Time = max(0, min(m.Time, said.Time)) // a clock that is ahead does not show
	}
	return m, err
}
