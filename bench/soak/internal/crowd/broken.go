package crowd

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/bench/internal/frame"
	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
)

// broken are frames that a server must refuse, and the code that says why (RFC 6455
// 7.4.1). A masking key of zeros leaves a payload as it is.
var broken = []struct {
	name  string
	bytes string
	code  int
}{
	{"not masked", "\x81\x02hi", websocket.CloseProtocolError},
	{"a reserved bit", "\xa1\x80\x00\x00\x00\x00", websocket.CloseProtocolError},
	{"an unknown opcode", "\x83\x80\x00\x00\x00\x00", websocket.CloseProtocolError},
	{"a ping in fragments", "\x09\x80\x00\x00\x00\x00", websocket.CloseProtocolError},
	{"a rest without a start", "\x80\x80\x00\x00\x00\x00", websocket.CloseProtocolError},
	{"a start within a message", "\x01\x80\x00\x00\x00\x00\x81\x80\x00\x00\x00\x00",
		websocket.CloseProtocolError},
	{"a ping of 126 bytes", "\x89\xfe\x00\x7e\x00\x00\x00\x00" + strings.Repeat("x", 126),
		websocket.CloseProtocolError},
	{"half a close code", "\x88\x81\x00\x00\x00\x00\x03", websocket.CloseProtocolError},
	{"close code 999", "\x88\x82\x00\x00\x00\x00\x03\xe7", websocket.CloseProtocolError},
	{"no UTF-8", "\x81\x82\x00\x00\x00\x00\xc3\x28", websocket.CloseInvalidFramePayloadData},
	{"half a rune", "\x81\x81\x00\x00\x00\x00\xc3", websocket.CloseInvalidFramePayloadData},
	{"a claim of 2^62 bytes", "\x81\xff\x40" + strings.Repeat("\x00", 11),
		websocket.CloseMessageTooBig},
	{"too long", longFrame(target.MaxMessage + 1), websocket.CloseMessageTooBig},
}

// longFrame is whole: the server has to say no to what it could read.
func longFrame(n int) string {
	header := binary.BigEndian.AppendUint64([]byte{0x81, 0xff}, uint64(n))
	return string(header) + "\x00\x00\x00\x00" + strings.Repeat("x", n)
}

// brokenFrame sends a frame that is wrong after some that are right, and at times more
// behind it. It wants the code; answers to the right ones come before it, if they come.
func brokenFrame(l *life) error {
	b := broken[l.rand.IntN(len(broken))]
	c, err := l.dial(target.Text, false)
	if err != nil {
		return err
	}
	defer c.Close()
	right := l.rand.IntN(4)
	p := frame.Repeat(frame.Text([]byte("right")), right)
	p = append(p, b.bytes...)
	p = append(p, frame.Repeat(frame.Text([]byte("behind")), l.rand.IntN(3))...)
	// A server that has already refused may end the connection while this is being
	// written.
	_, _ = c.NetConn().Write(p)
	return l.refused(c, b.name, right, "right", b.code)
}

// brokenJSON sends what is no JSON, or is more than one value.
func brokenJSON(l *life) error {
	c, err := l.dial(target.JSON, false)
	if err != nil {
		return err
	}
	defer c.Close()
	bad := []string{"{", `{"text":1}`, `{"text":"a"} {"text":"b"}`, "", "nonsense"}
	text := bad[l.rand.IntN(len(bad))]
	if err := c.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		return err
	}
	return l.refused(c, text, 0, "", websocket.CloseInvalidFramePayloadData)
}

// refused wants a close frame with a code, and before it some answers at most.
func (l *life) refused(c *websocket.Conn, what string, most int, answer string, code int) error {
	for n := 0; ; n++ {
		got, err := l.read(c, websocket.TextMessage)
		if err == nil && n < most && string(got) == answer {
			continue
		}
		if closed := new(websocket.CloseError); errors.As(err, &closed) && closed.Code == code {
			return nil
		}
		return fmt.Errorf("%s, after %d of %d answers: got %.20q, %v, want code %d",
			what, n, most, got, err, code)
	}
}
