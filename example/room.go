package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// room is one room at this node.
type room struct {
	chat  *Chat
	name  string
	ready chan struct{} // closed by the keeper, when the other nodes had time to say who is in the room and what was said

	visits int       // handlers that use the room; protected by chat.lobby.mu, as is left
	left   time.Time // when the last of them left it

	link *rooms.Member[*note] // to the other nodes; set by the keeper before ready

	// mu protects what follows, and makes everything that happens in the room one sequence. Nothing that can block is done
	// under it: broadcasts to people never wait, those to nodes may, and come after.
	mu      sync.Mutex
	history history
	guests  map[string]*guest // the people of this node, by folded name
	others  map[string]report // the people of other nodes, by node
}

// guest is a person whose connection is at this node.
type guest struct {
	person
	member  *rooms.Member[*Message]
	dismiss func(code int, reason string) error
}

// newGuest is someone with a name, who can prove by the key to be the same again. Without a key nobody can.
func newGuest(name, key string, dismiss func(int, string) error) *guest {
	if key == "" {
		key = rand.Text()
	}
	sum := sha256.Sum256([]byte(key + "\x00" + fold(name)))
	id := hex.EncodeToString(sum[:8])
	return &guest{person: person{ID: id, Name: name, Since: time.Now().UnixNano()}, dismiss: dismiss}
}

// sendAway ends a guest's connection. From now on it gets nothing, and take does nothing for it. The caller holds room.mu.
func (g *guest) sendAway(code int, reason refusal) {
	g.member.Leave()
	g.dismiss(code, reason.Error())
}

// enter lets a guest in, or says why not. The sender must be new: the welcome is its first message, so that sending it
// does not block. What is said from then on follows it; nothing falls between, nothing is in both.
func (r *room) enter(g *guest, sender chan<- *Message, disconnect chan<- int) error {
	<-r.ready
	if err := r.admit(g, sender, disconnect); err != nil {
		return err
	}
	r.tell(r.report())
	return nil
}

func (r *room) admit(g *guest, sender chan<- *Message, disconnect chan<- int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := fold(g.Name)
	holder, taken := r.holder(key)
	switch {
	case taken && holder.ID != g.ID:
		return errNameTaken
	case taken:
		g.Since = max(g.Since, holder.Since+1) // the newer of the two, whatever the clock of the other node says
	case len(r.here()) >= maxPeople:
		return errRoomFull
	}
	if old := r.guests[key]; old != nil {
		old.sendAway(closeMoved, errMoved)
	}
	r.change(func() { r.guests[key] = g })
	sender <- &Message{Kind: kindWelcome, ID: g.ID, Name: g.Name, People: sorted(r.here()), History: r.history}
	member, err := r.chat.people.Join(r.name, sender, disconnect, g.Name)
	if err != nil {
		panic(err) // only for a sender that is in the room already
	}
	g.member = member
	return nil
}

// leave is called once for each guest that has entered.
func (r *room) leave(g *guest) {
	g.member.Leave()
	r.mu.Lock()
	if r.guests[fold(g.Name)] == g {
		r.change(func() { delete(r.guests, fold(g.Name)) })
	}
	r.mu.Unlock()
	r.tell(r.report())
}

// take does what a guest's page asks for, and returns the answer, if it needs one.
func (r *room) take(g *guest, m *Message) *Message {
	switch m.Kind {
	case kindProbe:
		return m
	case kindSay:
		if err := r.say(g, m); err != nil {
			return &Message{Kind: kindWrong, ID: m.ID, Text: err.Error()}
		}
	}
	return nil
}

// say tells the room what a guest said. A page that does not know whether a message arrived sends it again, under the same id.
func (r *room) say(g *guest, m *Message) error {
	text, err := checkText(m.Text)
	if err != nil {
		return err
	}
	if m.ID == "" || len(m.ID) > maxID {
		return errID
	}
	said := &Message{Kind: kindSaid, ID: g.ID + "-" + m.ID, Name: g.Name, Text: text}
	r.mu.Lock()
	fresh := r.guests[fold(g.Name)] == g
	if fresh {
		said.Time = r.clock()
		fresh = r.spread(said)
	}
	r.mu.Unlock()
	if fresh {
		r.tell(&note{Said: said})
	}
	return nil
}

// spread takes what was said on any node into the history, and tells the people of this one. The caller holds r.mu.
func (r *room) spread(m *Message) (fresh bool) {
	if fresh = r.history.add(m); fresh {
		r.chat.people.Broadcast(r.name, m)
	}
	return fresh
}

// clock is the time, but always after what was said before: an answer never stands above its question, even where the
// nodes' clocks differ. The caller holds r.mu.
func (r *room) clock() int64 {
	return max(time.Now().UnixMilli(), r.history.latest()+1)
}
