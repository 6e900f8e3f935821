package serve

import (
	"encoding/json"

	"github.com/gorilla/websocket"
)

// PreparedMessage is what the prepared channel of sockets takes: encoded once, for any number
// of connections. Everything that depends on its type is in this file.
type PreparedMessage = *websocket.PreparedMessage

// PrepareText makes one of a text.
func PrepareText(s string) (PreparedMessage, error) {
	return websocket.NewPreparedMessage(websocket.TextMessage, []byte(s))
}

// PrepareJSON makes one of what encoding/json makes of v.
func PrepareJSON(v any) (PreparedMessage, error) {
	p, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return websocket.NewPreparedMessage(websocket.TextMessage, p)
}

func prepareMessage(m *Message) (PreparedMessage, error) { return PrepareJSON(m) }
