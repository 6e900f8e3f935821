package rooms

// queue holds messages in the order of the broadcasts. A message replaces an older one
// with the same key. The zero value is empty.
//
// A message that is replaced goes, and the new one is the last. If it took the place of
// the old one, a member would get it before messages that were said earlier.
type queue[M any] struct {
	messages []sized[M]     // those that were replaced are empty; the first is not
	first    int            // the number of messages[0]; the next has the next number
	settled  int            // so many of messages are not replaced any more
	newest   map[string]int // the number of the message that can be replaced, by key
	replaced int            // how many of messages
	bytes    int            // of the others
}

func (q *queue[M]) len() int { return len(q.messages) - q.replaced }

func (q *queue[M]) put(msg sized[M]) {
	if msg.key != "" {
		if q.newest == nil {
			q.newest = make(map[string]int)
		}
		q.newest[msg.key] = q.first + len(q.messages)
	}
	q.messages = append(q.messages, msg)
	q.bytes += msg.size
}

// replace makes room for a message with that key. It reports whether it has removed one.
func (q *queue[M]) replace(key string) bool {
	n, ok := q.newest[key]
	if !ok {
		return false
	}
	delete(q.newest, key)
	old := &q.messages[n-q.first]
	q.bytes -= old.size
	*old = sized[M]{key: key}
	q.replaced++
	q.trim()
	if q.replaced > len(q.messages)/2 {
		q.compact()
	}
	return true
}

// isReplaced reports whether messages[i] was replaced.
func (q *queue[M]) isReplaced(i int) bool {
	key := q.messages[i].key
	if key == "" || i < q.settled {
		return false
	}
	n, ok := q.newest[key]
	return !ok || n != q.first+i
}

// shift removes the first message. The queue is not empty.
func (q *queue[M]) shift() {
	q.bytes -= q.messages[0].size
	if q.settled > 0 {
		q.settled--
	} else {
		delete(q.newest, q.messages[0].key)
	}
	q.behead()
	q.trim()
}

// trim removes what was replaced from the beginning.
func (q *queue[M]) trim() {
	for q.replaced > 0 && q.isReplaced(0) {
		q.replaced--
		q.behead()
	}
}

func (q *queue[M]) behead() {
	q.messages[0] = sized[M]{} // the array lives on, so free the message
	q.messages = q.messages[1:]
	q.first++
}

// compact removes what was replaced. Its cost is that of the replacements since the last
// time.
func (q *queue[M]) compact() {
	kept := q.messages[:q.settled]
	for i := q.settled; i < len(q.messages); i++ {
		if q.isReplaced(i) {
			continue
		}
		msg := q.messages[i]
		if msg.key != "" {
			q.newest[msg.key] = q.first + len(kept)
		}
		kept = append(kept, msg)
	}
	clear(q.messages[len(kept):])
	q.messages, q.replaced = kept, 0
}

// settle keeps all messages that are there now from being replaced.
func (q *queue[M]) settle() {
	if q.replaced > 0 {
		q.compact()
	}
	clear(q.newest)
	q.settled = len(q.messages)
}

// all returns the messages. It is valid until the next call.
func (q *queue[M]) all() []sized[M] {
	if q.replaced > 0 {
		q.compact()
	}
	return q.messages
}

// keep is put for a queue that drops the oldest messages if it has too many. It reports
// whether it has.
func (q *queue[M]) keep(msg sized[M], most, mostBytes int) (dropped bool) {
	q.replace(msg.key)
	q.put(msg)
	for q.len() > most || q.bytes > mostBytes {
		q.shift()
		dropped = true
	}
	return dropped
}
