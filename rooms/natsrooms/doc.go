// Package natsrooms connects rooms in many processes over NATS. A [Broker] uses core
// NATS, which delivers a message at most once. A [Log] keeps the messages on JetStream.
//
//	nc, err := nats.Connect("nats://nats.internal", natsrooms.Recommended)
//	if err != nil {
//		log.Fatal(err)
//	}
//	defer nc.Close()
//	history := natsrooms.NewLog(nc, nil) // or natsrooms.NewBroker(nc, nil)
//	defer history.Close()
//	chat := rooms.NewOnLog[*Message](history, nil)
//
// The connection belongs to the program, which may use it for other things too, and
// closes it after the broker and the log. A broker, for a presence, and a log can share
// it. [Recommended] sets the options that outages require; without them a stuck network
// can close the connection for good.
//
// Each room with members in the process has one NATS subscription. All of them share a
// fixed number of goroutines. A subject is the prefix and one token that encodes the
// room's name, so any string is a name; a name over 128 bytes is hashed.
//
// # Outages
//
// While NATS is down, Publish and Append return an error, and nothing is kept to be
// sent later. Subscriptions resume with the connection. A silent network is noticed
// within twelve seconds.
//
// Core NATS does not acknowledge messages: Publish returns nil once nats.go has the
// message. It may block for seconds while NATS takes no bytes; a broadcast waits for it
// for at most a second. If the connection breaks, messages that nats.go, the network or
// the server had may be lost, in both directions. If messages must not be lost, use a
// log.
//
// After each outage, when delivery has resumed, each room with members in the process
// gets [ErrOutage] in its OnError, and [BrokerOptions].OnOutage is called. If a stall
// broke no connection but delayed a subscription, only that room and OnOutage get it. A
// room on a log then reads what it missed.
//
// If messages arrive faster than the members of the process can be sent them, nats.go
// drops some. They are counted, and reported to OnError as [nats.ErrSlowConsumer]. A
// room on a log reads them.
//
// nats.go closes a connection for good, whatever MaxReconnect says, after some errors
// of the server: above all after a message over a limit that the server has not
// announced. Then OnError of all rooms is called at once, and every call returns
// nats.ErrConnectionClosed with the reason. With the option Connect, broker and log
// continue with a new connection.
//
// # The stream of a log
//
// The first process that finds no stream creates it from the [LogOptions]; if the
// stream is ever gone, it is created again. An existing stream is used as it is, if it
// can be a log: it must take the subjects prefix.log.*, republish them to
// prefix.live.*, allow direct access, acknowledge, and drop the oldest messages by its
// limits. Another one is refused with [ErrStream] and the reason.
//
// The server keeps Count messages of each room, and none older than Age. These are the
// stream's MaxMsgsPerSubject and MaxAge, which nats stream edit can change at any time.
// It remembers the ids of all rooms for Window, in memory.
//
// What NATS itself may lose: by default the stream is stored in files, and survives a
// restart of NATS. But a server acknowledges a message before it has synced it to the
// disk: if the machine loses power, the last two minutes may be lost (see the server's
// sync_interval). With three Replicas in a cluster, a message is acknowledged when two
// servers have it, so one may fail. With Memory, a restart loses the stream. What is
// lost is said: members are disconnected with 1013, and their clients then get "not
// complete".
//
// Each entry names the place before it in its room, and the stream takes it only there.
// That proves that nothing is missing, even if someone edits the stream or restores an
// earlier state of it. To have a place to prove, a followed room gets a mark, a message
// without an entry: when it is empty, and when half of the Age of its last message is
// over. Marks count towards Count, two in each Age.
//
// # Time
//
// A message carries the time by which it must be in the stream: the deadline of the
// context, or LogOptions.Wait from now, plus one second. If a stuck network delivers it
// later, nobody sees it, and its id can be used again. The time is that of the stream's
// clock, as the process saw it last. If this clock steps, or another leader has a
// different one, a message in time may look late. Append notices that and appends it
// again, so an acknowledged message is always seen. A message that is late by no more
// than the difference of the clocks may be seen after an error that wraps
// [rooms.ErrUncertain].
//
// # What a log costs
//
// A room costs its process one plain subscription, and no goroutine or consumer. Joining
// a room without members in this process takes two round trips, or three if it is empty.
// Reading 256 missed messages takes one. Appending takes one if the room has members
// here, and up to four otherwise. Each message names the place before it, so the messages
// of one process to one room are appended one after the other, one in each round trip.
// Processes that append to one room at the same time have to try again.
//
// In a cluster a message can be lost between two servers unnoticed. So every five seconds
// a process asks for the state of the stream, and up to 20 of its rooms, in turn, look
// whether they have missed something. A room also looks again soon after it is followed,
// because the servers may learn late that its messages have to come here.
//
// # Not guaranteed by a log
//
//   - After an error that wraps [rooms.ErrUncertain], the message may be in the stream
//     or not. Saying an id again also gives that error if its entry was dropped but its
//     id is still in the window.
//   - Say in a room without members in this process reads its entry from the stream. If
//     Count is small, newer entries may have pushed it out by then. Say then gives that
//     error, although the stream took the message.
//   - After a restart of NATS, an id whose entry was dropped is appended again: the
//     server then knows only the ids of the messages that it has kept.
//   - If an administrator deletes the last messages of a room one by one, those who have
//     not seen them are not told. Nor are they if the next entry is of another program,
//     since nothing says what came before that one.
//   - In a quiet room without members, a position stops being known once its message is
//     older than Age.
//
// # Security
//
// Rooms trust everyone whom NATS lets in. A message carries neither a verified sender
// nor a signature:
//
//   - Anyone who can publish to a broker's subjects can send any message to any room, in
//     anyone's name, as often as the network allows. A message that cannot be decoded
//     is dropped and counted, and OnError is called for it. Such a message cannot
//     remove members, read messages or end a process. Check messages as you check those
//     of a client.
//   - Anyone who can publish to prefix.log.* or prefix.live.* can also break the chain of
//     a room, so that its members are disconnected with 1013.
//   - Anyone who can subscribe can read all messages.
//   - With both rights one can also silence a process: if one forges its message head
//     with a higher count, the others drop that process's messages. And one can hide
//     one's own message from a single process.
//
// Restrict this in the NATS server: with an account for the application, or with
// permissions for each prefix. A process needs these rights, for all rooms, and nobody
// else should have them. For a broker:
//
//	permissions: {publish: "app.chat.*", subscribe: "app.chat.*"}
//
// For a log with the default stream, without the right to create it if Provided:
//
//	permissions: {
//		publish: [
//			"rooms.log.*",
//			"$JS.API.STREAM.INFO.ROOMS", "$JS.API.STREAM.CREATE.ROOMS",
//			"$JS.API.STREAM.MSG.GET.ROOMS", "$JS.API.DIRECT.GET.ROOMS"
//		]
//		subscribe: ["rooms.live.*", "_INBOX.>"]
//	}
//
// Set TLS and credentials (nsc files, passwords, NKeys) with nats.go's options; see the
// example of Recommended. If a right is missing, the error of the call names the
// subject. Only a broker's Publish returns it at the next message. If a right is taken
// away, OnError of the rooms is called. They ask for it again, and hear again when it is
// given back. For that, broker and log replace the connection's nats.ErrorHandler by one
// that also calls it. Set yours before you make them: a later one would replace theirs.
//
// # A cluster
//
// To use a cluster of three servers, give the addresses of all of them:
// "nats://a,nats://b,nats://c". Then a process that loses its server finds another.
// While connected, nats.go also learns of added servers; they must advertise addresses
// that the processes can reach. Note:
//
//   - A process that loses its server connects to another within seconds. That is an
//     outage, and reported as one, even if a server is drained for an update (lame duck
//     mode). Updating all servers, one by one, causes up to three outages per process.
//   - If servers lose each other, each process keeps its connection, but hears only the
//     processes on its side until the routes are back. NATS does not tell its clients.
//     Watch the routes (/routez), and keep the servers in one region.
//   - The messages of one publisher keep their order across the cluster. Those of two may
//     arrive in a different order at each process, except on a log.
//   - Subscribe waits for the process's own server. The other servers learn of it a
//     moment later; a message published at one of them in between is missed by a broker.
//     A room that is left and joined again at once may still get a message that was
//     between two servers, and then be told that some after it are missing.
//   - A server disconnects a client that reads too slowly (write_deadline, max_pending).
//     That is an outage for that process. Publish returns an error for a message over
//     max_payload, 1 MB by default; rooms and broker add 34 bytes to what Encode returns,
//     rooms and log some 300 bytes of headers.
//   - The permissions and TLS above are for the clients. The routes between the servers
//     have settings of their own (cluster: authorization, tls).
//   - For every server, each room of each process is one subscription. Set limits
//     (max_subscriptions, and those of the account) high enough. A subscription that is
//     too many is an error, and so may be one that is made at the same time.
//   - A server that hangs without closing its connections is noticed by the others only
//     after some time. Requests that it does not answer are sent again soon, and another
//     replica may answer.
//   - Watch OnOutage and the OnError of the rooms. If they are called often, look at the
//     network and the servers.
//
// # Leaf nodes
//
// A process may be connected to a leaf node: a server that passes messages on to the
// servers of a hub. A broker works as in a cluster. A log must say where the stream is:
// if the hub has the JetStream domain "hub", set LogOptions.API to "$JS.hub.API"; if an
// account imports the API under other subjects, set it to their beginning. Otherwise the
// requests stay at the leaf: if it has JetStream, a stream of its own is made there,
// and otherwise each call returns nats.ErrNoResponders. The account must pass on
// prefix.log.*, prefix.live.* and the API in both directions.
//
// When the leaf loses the hub, the process keeps its connection. So no outage is
// reported, although requests are not answered and rooms hear nothing. When the hub is
// back, rooms on a log catch up within some five-second looks, or with their next
// message. Rooms on a broker get no error.
//
// # Wire format
//
// On core NATS, a message is what the rooms publish, as it is. If it is of another
// version of rooms, they count and report it as undecodable. So processes of two versions
// on one prefix do not understand each other, but do each other no harm. Change the
// prefix with the version.
//
// An entry in the stream has the headers Rooms-Tag and Rooms-Prev, its own tag and the
// place before it, in base 36; Rooms-Until, the latest nanosecond of the stream's clock
// to be in the stream, which is 0 for a mark; and Nats-Msg-Id, a hash of the room and
// the id.
package natsrooms
