package serve

import "github.com/beatrichartz/martini-sockets"

// PreparedMessage is what the prepared channel of sockets takes: encoded once, for any number
// of connections. Everything that depends on its type is in this file.
type PreparedMessage = *sockets.Prepared

// PrepareText makes one of a text.
func PrepareText(s string) (PreparedMessage, error) { return sockets.PrepareText(s) }

// PrepareJSON makes one of what encoding/json makes of v.
func PrepareJSON(v any) (PreparedMessage, error) { return sockets.PrepareJSON(v) }

func prepareMessage(m *Message) (PreparedMessage, error) { return PrepareJSON(m) }
