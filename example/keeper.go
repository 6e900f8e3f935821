package main

import (
	"context"
	"time"
)

// note is what one node tells the others about a room: something that was said, or a report of who is in the room there. Each
// report is whole and repeated, so that one that is lost, and a node that vanished, do no lasting harm.
type note struct {
	Said *Message `json:"said,omitempty"`

	Node    string     `json:"node,omitempty"`
	Version uint64     `json:"version,omitempty"` // of two reports of a node, the higher is the newer
	People  []person   `json:"people,omitempty"`
	Digest  uint64     `json:"digest,omitempty"` // of the history at that node
	Beat    bool       `json:"beat,omitempty"`   // sent on time; only such a report makes others ask, so that asking comes to an end
	Asks    bool       `json:"asks,omitempty"`   // for reports, with the history from everyone whose digest is another
	History []*Message `json:"history,omitempty"`
}

// keep is a room's one goroutine. It listens to the other nodes, repeats the report of this one, forgets nodes that have
// fallen silent, and ends when nobody was in the room for long, or with the chat.
func (r *room) keep(ctx context.Context) {
	notes := make(chan *note, 16)
	link, err := r.chat.nodes.Join(r.name, notes, nil, nil)
	if err != nil {
		panic(err) // only for a nil sender
	}
	defer link.Leave()
	r.link = link
	r.settle(ctx, notes)
	close(r.ready)
	ticker := time.NewTicker(r.chat.times.Beat)
	defer ticker.Stop()
	for {
		select {
		case n := <-notes:
			r.hear(n)
		case <-ticker.C:
			r.expire()
			beat := r.report()
			beat.Beat = true
			r.tell(beat)
			if r.chat.forget(r) {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// settle asks the other nodes who is in the room and what was said, and gives them some time to answer.
func (r *room) settle(ctx context.Context, notes <-chan *note) {
	if r.chat.times.Settle <= 0 {
		return
	}
	ask := r.report()
	ask.Asks = true
	r.tell(ask)
	over := time.NewTimer(r.chat.times.Settle)
	defer over.Stop()
	for {
		select {
		case n := <-notes:
			r.hear(n)
		case <-over.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// tell sends a note to the other nodes. It may wait while the network is slow; what is lost is made good by reports. The error has
// gone to newChat's onError.
func (r *room) tell(n *note) {
	_ = r.link.BroadcastOthers(n)
}

// report is who is in the room at this node now.
func (r *room) report() *note {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := &note{Node: r.chat.node, Version: r.chat.versions.Add(1), Digest: r.history.digest()}
	for _, g := range r.guests {
		n.People = append(n.People, g.person)
	}
	return n
}

// hear takes in what another node told, and asks or answers it.
func (r *room) hear(n *note) {
	differs := r.learn(n)
	if !n.Asks && !(n.Beat && differs) {
		return
	}
	reply := r.report()
	if n.Asks && differs {
		reply.History = r.said()
	}
	reply.Asks = n.Beat
	r.tell(reply)
}

// learn takes a note into what is known of the room, and reports whether the histories differ still.
func (r *room) learn(n *note) (differs bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range n.History {
		r.spread(m)
	}
	if n.Said != nil {
		r.spread(n.Said)
		return false
	}
	if n.Version > r.others[n.Node].version {
		r.change(func() {
			r.others[n.Node] = report{n.Version, time.Now(), n.People}
			r.yield(n.People)
		})
	}
	return n.Digest != r.history.digest()
}

// yield sends away guests of this node whose names have been given to others: see person.yields. The caller holds r.mu.
func (r *room) yield(people []person) {
	for _, p := range people {
		g := r.guests[fold(p.Name)]
		if g == nil || !g.yields(p) {
			continue
		}
		delete(r.guests, fold(p.Name))
		if g.ID == p.ID {
			g.sendAway(closeMoved, errMoved)
		} else {
			g.sendAway(closeRefused, errNameTaken)
		}
	}
}

// expire forgets nodes that have missed three beats: they ended without a farewell, or cannot be reached.
func (r *room) expire() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.change(func() {
		for node, other := range r.others {
			if time.Since(other.heard) > 3*r.chat.times.Beat {
				delete(r.others, node)
			}
		}
	})
}

func (r *room) said() history {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.history
}
