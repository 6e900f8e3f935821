// Package rooms broadcasts messages to the members of a room. No member can hold up the
// others.
//
// A room is a set of sender channels of one type, such as the channels that package
// sockets gives to a handler. The package knows only channels. The handler of a chat:
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
//				if err := member.Broadcast(message); err != nil {
//					sender <- &Message{Failed: true} // nobody got it
//				}
//			case <-done:
//				return
//			}
//		}
//	}
//
// [Rooms.Broadcast] does the same from outside a connection, such as from a job or from
// another handler. After a broadcast all members share the message, so do not change it
// or anything it points to.
//
// # Encode once
//
// To encode each message once for all members, use rooms of *sockets.Prepared, and give
// Join the prepared channel of each handler:
//
//	var chat = rooms.New[*sockets.Prepared](nil)
//
//	member, err := chat.Join("lobby", prepared, disconnect, nil)
//	// ...
//	p, err := sockets.PrepareJSON(message)
//	// ...
//	err = member.Broadcast(p)
//
// The message is framed and compressed once for all members. It goes to other machines as
// it is, and is not decoded there. [Options].BacklogBytes counts its bytes.
//
// # Messages that cannot be sent
//
// A socket that cannot send a message closes. So a room refuses a message that would
// close the sockets of its members: one that is nil, is larger than
// [Options].MaxMessageSize, or cannot be encoded. The one who says it gets an error that
// wraps [ErrUnsendable], and nobody gets the message. With rooms of *T, a room encodes
// each message once to find out, which costs about as much as one member more.
//
// # Slow members
//
// A member whose channel is full gets a backlog of its own. If the backlog passes its
// limit, or nothing is taken from it for the grace time, the member is removed and
// disconnected with code 1013 (try again later). [Stats] counts each removal, and
// [Options].OnRemove reports it.
//
// Until it is removed, a member gets every message of a publisher once and in order. Only
// with [Options].Latest does a newer message replace one that waits. A publisher is one
// goroutine, or several that take turns.
//
// A broadcast never waits for a member. It costs one channel send for each. A member has
// a goroutine only while it is behind; a room has none.
//
// Broadcasts to one room take turns, so all members in this process get them in the same
// order. Joining, counting and other rooms never wait for a broadcast. Leave waits for
// the broadcast in progress, and so does Join with [Options].Retain.
//
// # Values of which the newest counts
//
// A dashboard shows values, and needs only the newest of each. [Options].Latest returns
// the key of a message. A message replaces an older one with the same key that still
// waits for a member. So a slow member skips what is out of date, and is not removed for
// being slow. With [Options].Retain a new member also gets the newest message of each
// key:
//
//	var values = rooms.New(&rooms.Options[*sockets.Prepared]{
//		Latest: (*sockets.Prepared).Key,
//		Retain: true,
//	})
//
//	p, err := sockets.PrepareJSON(value)
//	// ...
//	err = values.Broadcast("all", p.WithKey(value.Name))
//
// A message that has left the room is not replaced any more. Up to SendChannelBuffer
// messages wait in the handler's channel, and up to SocketSendBuffer bytes in the system.
// A slow client is behind by both, so set both of these options of package sockets.
//
// What waits for a member goes out in lots, in the order of the broadcasts. A message
// replaces an older one in the next lot, not in the lot that is going out. Otherwise, if
// all keys change faster than a member takes them, some would never arrive.
//
// A room without members keeps nothing. If it should remember while nobody is there, let
// the program itself join it.
//
// # Many machines
//
// With a [Broker], a room spans all processes that use the same network. rooms/natsrooms
// has a broker on NATS, and rooms/redisrooms one on Redis. A broadcast goes to the
// members of its own process first, without the network. Members in other processes get
// each message at most once, in the order of its publisher.
//
// If the network is slow or down, a broadcast waits for at most one second and then
// returns an error. Until the network recovers, later broadcasts return the error at
// once. After an outage, delivery resumes by itself. OnError is called in every process
// that may have missed messages.
//
// Each process numbers what it publishes to a room. So OnError also gets how many
// messages of another process have not arrived ([ErrMissed]), even if the broker does not
// know it. The next message shows the gap. If there is none for a few seconds, the
// process publishes its last number once more, without a body. A room knows a process
// from the first message that it gets from it. A process that only publishes remembers
// its number in each room for an hour, for up to 1,024 rooms.
//
// The package does not guarantee that
//
//   - a message reaches another process: it can be lost when the network breaks, and it
//     is not kept for a process that is down or has no members in the room;
//   - messages of two publishers arrive in the same order in all processes;
//   - a message whose Broadcast returned an error reached no other process.
//
// [Rooms.Len], [Rooms.Members] and [Rooms.Names] report this process only.
//
// Messages travel as bytes. By default, strings and byte slices travel as they are, types
// that implement [encoding.BinaryMarshaler] and [encoding.BinaryUnmarshaler] use those
// methods, and everything else becomes JSON. A message that cannot be decoded is counted,
// reported to OnError and dropped.
//
// # Rooms that remember
//
// With [NewOnLog], each message is first appended to a log. All members, on all machines,
// get the messages in the order of the log. [LogRooms.Say] and [LogMember.Say] return
// once the log has the message. A client that reconnects joins after the last position it
// has seen, and gets what it missed:
//
//	// The log is memlog.New(50, 10*time.Minute), natsrooms.NewLog(nc, nil) or
//	// redisrooms.NewLog(client, nil).
//	var chat = rooms.NewOnLog(log, &rooms.Options[*Message]{
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
// With [Options].Latest, JoinAfter gives the newest message of each key.
//
// In a room of *sockets.Prepared, Stamp puts the message into an envelope with its
// position; the example of Prepared.Bytes shows one.
//
// Broadcast, BroadcastExcept and BroadcastOthers use the log too. Each makes a new id and
// waits for the log for at most five seconds. A member that a broadcast leaves out still
// gets the message when its client reconnects. rooms/memlog is a log for one process.
// rooms/natsrooms and rooms/redisrooms have logs for many.
//
// To change the type of the messages while old and new processes run, first give all
// processes a Decode that accepts both forms, and only then say the new one. A process
// that cannot decode an entry reports it and leaves it out. What a client missed is then
// not complete.
//
// The package does not guarantee that
//
//   - nobody sees a message whose Say failed with [ErrUncertain]: the log may have it
//     although its answer was lost;
//   - an id is remembered longer than the log's window, or after a log was lost and
//     created again;
//   - positions of different rooms can be compared;
//   - anything that the log's own documentation does not promise.
//
// If the log no longer has what a member missed, the member is removed with [ErrGap].
//
// # Who is there
//
// Package rooms/presence lists the people in each room, in all processes. It is
// independent of [Rooms]: a handler that joins a room also enters it in the presence.
//
// # Concurrency
//
// Any number of goroutines, and the hooks, may call everything. No lock is held while a
// hook or a codec runs.
package rooms
