// Package rooms sends a message to everyone in a room, and no member can hold up the
// others.
//
// A room is a set of sender channels of one type, the channels that package sockets hands
// to a handler; the package itself knows channels and nothing else. The handler of a chat
// reads:
//
//	var chat = rooms.New[*Message](nil)
//
//	func handle(
//		receiver <-chan *Message, sender chan<- *Message,
//		done <-chan bool, disconnect chan<- int,
//	) {
//		member, err := chat.Join("lobby", sender, disconnect, "name of the user")
//		if err != nil {
//			return
//		}
//		defer member.Leave()
//		for {
//			select {
//			case message := <-receiver:
//				member.Broadcast(message)
//			case <-done:
//				return
//			}
//		}
//	}
//
// [Rooms.Broadcast] does the same from outside any connection: a job, or another handler.
// A message belongs to everyone once it has been broadcast: do not change it, nor the
// bytes or the struct it points to, afterwards.
//
// # Encode once
//
// What goes to many members is best encoded once. *sockets.Prepared is a message that is;
// the sender of a member is then the prepared channel of its handler:
//
//	var chat = rooms.New[*sockets.Prepared](nil)
//
//	member, err := chat.Join("lobby", prepared, disconnect, nil)
//	// ...
//	p, err := sockets.PrepareJSON(message)
//	// ...
//	member.Broadcast(p)
//
// It is framed and compressed once for all members, goes to other machines as it is, and is
// not decoded there. [Options].BacklogBytes counts its bytes.
//
// # Slow members
//
// A member that does not take what it is sent gets a backlog of its own. When that passes
// its bound, or stands still for the grace time, the member is removed and disconnected
// with code 1013, try again later.
//
// Until then a member gets what one publisher broadcasts completely, in that order and
// nothing twice. A publisher is a goroutine, or several that take turns. A removal is
// counted in [Stats] and told to [Options].OnRemove; nothing is dropped without that. A
// broadcast never waits for a member. It costs a channel send for each of them, and
// neither a member nor a room has a goroutine while nobody is behind; a member that is
// has one, until it has caught up or is removed.
//
// Broadcasts to one room follow each other, and all members of the process get them in
// the same order. Joining, counting and other rooms never wait for one; leaving waits for
// the one that is under way.
//
// # Many machines
//
// With a [Broker], a room spans all processes that are connected to the same network;
// rooms/natsbroker is one on NATS. The members of the publisher's own process are served
// first and directly; the others get a message at most once, in the order of its
// publisher.
//
// A network that is away, slow or stalled holds up nobody for long: a broadcast waits for
// it for a second at most, and then returns an error. Those that come while it still
// stands return the error at once. After an outage delivery resumes by itself, and
// OnError is told in each process that may have missed something.
//
// Not guaranteed: that a message reaches another process (it may be lost when the network
// breaks, and it is not kept for a process that is away, or where the room has no
// member), that the messages of two publishers arrive in the same order everywhere, or
// that a Broadcast that returned an error reached nobody elsewhere. [Rooms.Len],
// [Rooms.Members] and [Rooms.Names] know this process only.
//
// Messages cross as bytes: strings and byte slices as they are, types with the methods of
// [encoding.BinaryMarshaler] and [encoding.BinaryUnmarshaler] by those, everything else
// as JSON, unless [Options] say otherwise. What comes in and cannot be decoded is counted
// and told to OnError, and costs nothing else.
//
// # Rooms that remember
//
// With [Options].Log, what is said in a room is appended to a log first, and reaches the
// members, on all machines, in the order of the log. [Rooms.Say] and [Member.Say] return
// when the log has the message. A client that comes back joins after the last position
// that it has seen, and gets what it has missed:
//
//	var chat = rooms.New(&rooms.Options[*Message]{
//		Log: rooms.Memory(50, 10*time.Minute), // or natslog.New(nc, nil)
//		Stamp: func(m *Message, position string) *Message {
//			m.Position = position
//			return m
//		},
//	})
//
//	func handle(r *http.Request, receiver <-chan *Message, sender chan<- *Message,
//		done <-chan bool, disconnect chan<- int) {
//		after := r.FormValue("after")
//		me, missed, err := chat.JoinAfter("lobby", after, sender, disconnect, nil)
//		if err != nil {
//			disconnect <- 1013
//			return
//		}
//		defer me.Leave()
//		for _, said := range missed.Messages {
//			sender <- said.Value
//		}
//		me.Start()
//		for {
//			select {
//			case message := <-receiver:
//				_, err := me.Say(context.Background(), message.ID, message)
//				if err != nil {
//					sender <- &Message{ID: message.ID, Failed: true}
//				}
//			case <-done:
//				return
//			}
//		}
//	}
//
// A room of *sockets.Prepared has Stamp put the message into an envelope with its
// position; the example of Prepared.Bytes shows one.
//
// Broadcast, BroadcastExcept and BroadcastOthers go through the log as well, with an id
// of their own, and wait five seconds for it. Whom a broadcast leaves out still finds it
// when its client comes back. [Memory] is a log for one process, rooms/natslog one for
// many.
//
// Not guaranteed: that a message whose Say failed with [ErrUncertain] is not seen, since
// its answer may be lost when the message is not; that an id is known longer than the
// log's window; that a log which was lost and made anew still knows ids; that two
// positions of different rooms can be compared. Members are removed with [ErrGap] when
// the log does not have what they have missed. What the log's own documentation does not
// promise, rooms cannot.
//
// # Who is there
//
// [Presence] lists the people in each room, in all processes, as values of a type of the
// program's own, and tells a hook who comes and goes. It is independent of [Rooms]: a
// handler that joins a room enters it in the presence, too.
//
//	var people = rooms.NewPresence(&rooms.PresenceOptions[Profile]{OnChange: announce})
//
//	visitor, err := people.Enter("lobby", profile.Name, profile)
//	if err != nil {
//		return
//	}
//	defer visitor.Leave()
//
// # Concurrency
//
// Everything may be called by any number of goroutines, and from the hooks. Hooks and
// codecs are called without any lock held.
package rooms
