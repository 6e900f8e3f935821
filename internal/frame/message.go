package frame

import "github.com/gorilla/websocket"

const (
	// trusted is how much memory a header alone can claim. For more, bytes must arrive: the
	// memory is at most trust times what has.
	trusted = 4 << 10
	trust   = 4
	// Deflate makes incompressible data larger, by far less than this.
	deflateSlack = 1 << 10
)

// message is the message being read.
type message struct {
	text       bool // must be UTF-8
	compressed bool
	owned      bool  // nobody else will use the memory of the complete data
	total      int64 // the lengths of its frames so far
	data       []byte
	most       int     // the limit of data
	checked    int     // data[:checked] is UTF-8
	block      *[]byte // the pooled memory that holds data, if any
}

// admit adds the current frame's length, and returns an error if the message is
// too big.
func (r *Reader) admit() error {
	m, limit := &r.message, r.options.Limit
	m.total += r.left
	if m.compressed && limit > 0 {
		limit += limit/8 + deflateSlack
	}
	// A sum that overflows is negative. A limit that overflows is negative too,
	// and means no limit.
	if m.total < 0 || limit > 0 && m.total > limit {
		return tooBig(r.options.Limit)
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

// room returns free memory after data, for at most left bytes. It makes some if
// there is none.
func (m *message) room(left int64) []byte {
	if free := int64(cap(m.data) - len(m.data)); free == 0 {
		m.grow(left)
	}
	free := m.data[len(m.data):cap(m.data)]
	return free[:min(left, int64(len(free)))]
}

// grow makes room for left more bytes, or for as many as the bytes that have arrived
// justify: a peer gets memory for what it has sent, not for what it has announced. Until
// all of an owned message is justified, it is in pooled memory.
func (m *message) grow(left int64) {
	size := len(m.data) + int(min(left, int64(max(trusted, trust*len(m.data))-len(m.data))))
	if m.owned && size == len(m.data)+int(left) {
		data := make([]byte, len(m.data), size)
		copy(data, m.data)
		giveBack(m.block)
		m.block, m.data = nil, data
		return
	}
	block := borrow(max(size, min(2*len(m.data), m.most))) // for many small fragments
	data := append((*block)[:0], m.data...)
	giveBack(m.block)
	m.block, m.data = block, data
}

// release returns pooled memory. Its content must not be used any more.
func (m *message) release() {
	giveBack(m.block)
	m.block, m.data = nil, nil
}

// check returns an error as soon as a text cannot be UTF-8.
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

// closeError returns what a close frame says, with 1005 for a missing code, or
// an error if the frame breaks a rule.
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

// ValidCode reports whether a close frame may have this code (RFC 6455, 7.4,
// and the registry that it created).
func ValidCode(code int) bool {
	switch code {
	case 1004, websocket.CloseNoStatusReceived, websocket.CloseAbnormalClosure,
		websocket.CloseTLSHandshake:
		return false
	}
	return code >= 1000 && code <= 1014 || code >= 3000 && code <= 4999
}
