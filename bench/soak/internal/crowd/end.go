package crowd

import (
	"errors"
	"fmt"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
)

// end ends a connection on which nothing is under way, from one side or the other, and
// wants the close frame that belongs to it.
func (l *life) end(c *websocket.Conn, kind int, encode func(string) []byte) error {
	how := []struct {
		ask  string // of the server; otherwise the client closes
		code int
	}{
		{target.EndReturn, websocket.CloseNormalClosure},
		{target.EndSender, websocket.CloseNormalClosure},
		{target.EndCode + "4321", 4321},
		{"", websocket.CloseNormalClosure},
		{"", websocket.CloseGoingAway},
		{"", 3000},
	}[l.rand.IntN(6)]
	var err error
	if how.ask != "" {
		err = c.WriteMessage(kind, encode(how.ask))
	} else {
		p := websocket.FormatCloseMessage(how.code, "that is all")
		err = c.WriteControl(websocket.CloseMessage, p, time.Time{})
	}
	if err != nil {
		return fmt.Errorf("ending with %q, %d: %w", how.ask, how.code, err)
	}
	p, err := l.read(c, kind)
	if closed := new(websocket.CloseError); !errors.As(err, &closed) || closed.Code != how.code {
		return fmt.Errorf("ended with %q, %d: got %.40q, %v, want that code",
			how.ask, how.code, p, err)
	}
	return nil
}
