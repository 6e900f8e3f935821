package main

// Message is what goes between the server and a page, in both directions, and between the nodes of the chat. A message
// must not be changed once it has been given to others.
type Message struct {
	Kind    string     `json:"kind"`
	ID      string     `json:"id,omitempty"`
	Name    string     `json:"name,omitempty"`
	Text    string     `json:"text,omitempty"`
	Time    int64      `json:"time,omitempty"`    // in milliseconds, as in JavaScript
	People  []string   `json:"people,omitempty"`  // who is in the room now, in order
	History []*Message `json:"history,omitempty"` // the last that was said, oldest first
}

// The kinds of messages, and what they carry.
const (
	kindWelcome = "welcome" // to one who came in: ID is what the ids of the own messages begin with; Name, People, History
	kindSaid    = "said"    // to all in the room: ID, Name, Text, Time
	kindJoined  = "joined"  // to all who were there before: Name, Time, People
	kindLeft    = "left"    // to all who stay: Name, Time, People
	kindWrong   = "wrong"   // to one whose message was not taken: ID, and the reason as Text

	kindSay   = "say"   // from a page: Text, and an ID that the page made
	kindProbe = "probe" // from a page that has heard nothing for a while; goes back as it came
)

// Close codes of our own (RFC 6455 leaves 4000 to 4999 to programs). A page does not come back by itself after them; the
// reason of the close frame is for the person.
const (
	closeRefused = 4000 // the name, or the room, cannot be had
	closeMoved   = 4001 // the same person came in through a newer connection
)
