package crowd

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
)

// await hears what the room says until the server says what.
func (v *visitor) await(what string) error {
	late := time.NewTimer(v.Patience)
	defer late.Stop()
	for {
		select {
		case h := <-v.books:
			if err := v.enter(h); err != nil {
				return err
			}
		case said := <-v.heard:
			if said != what {
				return fmt.Errorf("the server said %.40q, want %q", said, what)
			}
			return nil
		case err := <-v.gone:
			return v.end(err)
		case <-late.C:
			return fmt.Errorf("the server has not said %q in %v", what, v.Patience)
		}
	}
}

// listen hears what the room says for that long.
func (v *visitor) listen(d time.Duration) error {
	for end := time.Now().Add(d); ; {
		left := time.Until(end)
		if left <= 0 {
			return nil
		}
		if err := v.hear(left, false); err != nil {
			return err
		}
	}
}

// hear hears one message, or none within d, which is an error where it must come.
func (v *visitor) hear(d time.Duration, must bool) error {
	late := time.NewTimer(d)
	defer late.Stop()
	select {
	case h := <-v.books:
		return v.enter(h)
	case said := <-v.heard:
		return fmt.Errorf("the server said %.40q, want nothing", said)
	case err := <-v.gone:
		return v.end(err)
	case <-late.C:
		if must {
			return fmt.Errorf("nothing came for %v", d)
		}
		return nil
	}
}

// enter enters a message into the books.
func (v *visitor) enter(h hearing) error {
	if err := v.member.Hears(h.from, h.number); err != nil {
		return err
	}
	v.ledger.Messages(1)
	return nil
}

// say asks for the end of a connection that is in no room, and wants that code and no
// message.
func (v *visitor) say(what string, code int) error {
	if err := v.conn.WriteMessage(websocket.TextMessage, []byte(what)); err != nil {
		return v.cannotWrite(err)
	}
	select {
	case h := <-v.books:
		return fmt.Errorf("message %d of %s came after the member had left", h.number, h.from)
	case said := <-v.heard:
		return fmt.Errorf("the server said %.40q, want an end with %d", said, code)
	case err := <-v.gone:
		if !websocket.IsCloseError(err, code) {
			return fmt.Errorf("%q: %w, want code %d", what, err, code)
		}
		return nil
	case <-time.After(v.Patience):
		return fmt.Errorf("no end within %v of %q", v.Patience, what)
	}
}

// end says what the end of a connection means: with 1013, the room has removed a slow
// member.
func (v *visitor) end(err error) error {
	if websocket.IsCloseError(err, websocket.CloseTryAgainLater) {
		return errEvicted
	}
	return fmt.Errorf("the connection has ended: %w", err)
}

// cannotWrite is the same for a write that has failed: what can still be read says why.
func (v *visitor) cannotWrite(err error) error {
	for late := time.After(v.Patience); ; {
		select {
		case h := <-v.books:
			if err := v.enter(h); err != nil {
				return err
			}
		case <-v.heard:
		case err := <-v.gone:
			return v.end(err)
		case <-late:
			return fmt.Errorf("nothing can be written, and there is no end: %w", err)
		}
	}
}

// readAll takes apart what the server sends. It ends when the connection has, or with
// stop.
func (v *visitor) readAll(stop <-chan struct{}) {
	for {
		_, p, err := v.conn.ReadMessage()
		if err != nil {
			v.gone <- err
			return
		}
		rest, ok := strings.CutPrefix(string(p), target.Say)
		if !ok {
			select {
			case v.heard <- string(p):
			case <-stop:
				return
			}
			continue
		}
		if strings.HasPrefix(rest, noise) {
			continue
		}
		from, rest, _ := strings.Cut(rest, " ")
		number, _, _ := strings.Cut(rest, " ")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			v.gone <- fmt.Errorf("the server sent %.40q", p)
			return
		}
		select {
		case v.books <- hearing{from, n}:
		case <-stop:
			return
		}
	}
}
