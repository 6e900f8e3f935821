package rooms

// sized is a message and how many bytes it counts, 0 where messages have no length. It is
// measured once for all members: that may be a method of the user, which no lock can wait
// for.
type sized[M any] struct {
	message M
	size    int
}

func (r *Rooms[M]) measure(msg M) sized[M] {
	s := sized[M]{message: msg}
	if length := r.options.length; length != nil {
		s.size = length(msg)
	}
	return s
}

// backlog is what waits for a member that is behind. The member's lock protects it.
type backlog[M any] struct {
	held     bool // for Start; there is no pump until then
	messages []sized[M]
	bytes    int
	quit     chan struct{} // closed when the member is out
}

func newBacklog[M any](held bool) *backlog[M] {
	return &backlog[M]{held: held, quit: make(chan struct{})}
}

// add appends msg, within the bounds of the options.
func (b *backlog[M]) add(msg sized[M], o *config[M]) error {
	if len(b.messages) >= o.Backlog || msg.size > o.BacklogBytes-b.bytes {
		return ErrBacklog
	}
	b.messages = append(b.messages, msg)
	b.bytes += msg.size
	return nil
}

// shift takes the first message out, if it is still there.
func (b *backlog[M]) shift() {
	if b == nil || len(b.messages) == 0 {
		return
	}
	b.bytes -= b.messages[0].size
	b.messages[0] = sized[M]{} // the array lives on; the message need not
	b.messages = b.messages[1:]
}

// drop drops all messages.
func (b *backlog[M]) drop() {
	if b != nil {
		b.messages, b.bytes = nil, 0
	}
}

// postpone puts msg into the member's backlog. If there is none, the member is behind
// from now on, and gets one and a pump. Or it sends msg: the pump may have ended since a
// broadcast last looked, and then msg is the next in order. An error says that the member
// has to be removed. It is called in a turn of the room.
func (m *Member[M]) postpone(msg sized[M]) (behind bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.backlog != nil {
		return true, m.backlog.add(msg, &m.room.rooms.options)
	}
	select {
	case m.sender <- msg.message:
		return false, nil
	default:
	}
	b := newBacklog[M](false)
	if err := b.add(msg, &m.room.rooms.options); err != nil {
		return true, err
	}
	m.backlog = b
	m.startPump()
	return true, nil
}
