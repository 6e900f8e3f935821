package frame

import "github.com/gorilla/websocket"

const (
	// trusted is how much memory a header alone can claim; more comes with the bytes.
	trusted = 64 << 10
	// Deflate makes data that does not compress larger, by far less than this.
	deflateSlack = 1 << 10
)

// message is the message that is being read.
type message struct {
	text       bool // has to be UTF-8
	compressed bool
	owned      bool  // data is memory of the message's own
	total      int64 // the lengths of its frames so far
	data       []byte
	checked    int     // data[:checked] is UTF-8
	block      *[]byte // where data is, if in pooled memory
}

// admit counts the current frame, and refuses a message that is too big already.
func (r *Reader) admit() error {
	m, limit := &r.message, r.options.Limit
	m.total += r.left
	if m.compressed && limit > 0 {
		limit += limit/8 + deflateSlack
	}
	// A sum that overflows is negative; so is a limit that does, which is none.
	if m.total < 0 || limit > 0 && m.total > limit {
		return tooBig()
	}
	return nil
}

// assemble reads the frames of a message into memory.
func (r *Reader) assemble() error {
	m := &r.message
	m.owned = r.head.fin && !r.options.Borrow
	for {
		for r.left > 0 {
			n, err := r.in.fill(m.room(r.left))
			if err != nil {
				return err
			}
			m.data = m.data[:len(m.data)+n]
			r.unmask(m.data[len(m.data)-n:])
			if err := r.check(); err != nil {
				return err
			}
		}
		if r.head.fin {
			return nil
		}
		if err := r.proceed(); err != nil {
			return err
		}
	}
}

// room returns memory behind data, for at most left bytes, and makes some where
// it is full.
func (m *message) room(left int64) []byte {
	if free := int64(cap(m.data) - len(m.data)); free == 0 {
		m.grow(left)
	}
	free := m.data[len(m.data):cap(m.data)]
	return free[:min(left, int64(len(free)))]
}

// grow makes room for left bytes more, or for as many as have come already: a
// peer gets memory for what it has sent, not for what it has announced.
func (m *message) grow(left int64) {
	size := len(m.data) + int(min(left, int64(max(trusted, len(m.data)))))
	if m.owned {
		data := make([]byte, len(m.data), size)
		copy(data, m.data)
		m.data = data
		return
	}
	block := borrow(max(size, 2*len(m.data)))
	data := append((*block)[:0], m.data...)
	giveBack(m.block)
	m.block, m.data = block, data
}

// release gives pooled memory back. What was in it must not be used any more.
func (m *message) release() {
	giveBack(m.block)
	m.block, m.data = nil, nil
}

// check refuses what has come of a text as soon as it cannot be UTF-8 any more.
func (r *Reader) check() error {
	m := &r.message
	if !m.text {
		return nil
	}
	n, ok := validPrefix(m.data[m.checked:])
	if !ok {
		return invalidUTF8()
	}
	m.checked += n
	return nil
}

// closeError is what a close frame says, 1005 standing for no code; or it is refused.
func closeError(body []byte) error {
	if len(body) == 0 {
		return &websocket.CloseError{Code: websocket.CloseNoStatusReceived}
	}
	code := int(body[0])<<8 | int(body[1])
	reason := body[2:]
	switch n, ok := validPrefix(reason); {
	case !ValidCode(code):
		return violation("close code that must not be sent") // RFC 6455, 7.4
	case !ok, n < len(reason):
		return violation("close reason that is not UTF-8") // RFC 6455, 5.5.1
	}
	return &websocket.CloseError{Code: code, Text: string(reason)}
}

// ValidCode reports whether code may stand in a close frame (RFC 6455, 7.4, and
// the registry that it founds).
func ValidCode(code int) bool {
	switch code {
	case 1004, websocket.CloseNoStatusReceived, websocket.CloseAbnormalClosure,
		websocket.CloseTLSHandshake:
		return false
	}
	return code >= 1000 && code <= 1014 || code >= 3000 && code <= 4999
}
