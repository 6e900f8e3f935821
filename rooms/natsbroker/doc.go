// Package natsbroker carries rooms between processes on NATS: core NATS, at most once.
//
//	nc, err := nats.Connect("nats://nats.internal", natsbroker.Recommended)
//	if err != nil {
//		log.Fatal(err)
//	}
//	defer nc.Close()
//	broker := natsbroker.New(nc, nil)
//	defer broker.Close()
//	chat := rooms.New(&rooms.Options[*Message]{Broker: broker})
//
// The connection is the program's: it is made with the program's options, may be used for
// other things too, and is closed by the program, after the broker. [Recommended] sets
// what an outage needs; without it a stalled network can close the connection for good.
//
// There is one NATS subscription for each room with members in the process, and a fixed
// number of goroutines for all of them together. A subject is the prefix and one token
// that encodes the room's name, so that any string is a name; names of more than 128
// bytes are hashed.
//
// # Outages
//
// While NATS is away, Publish returns an error, nothing is kept for later, and
// subscriptions come back with the connection. No Publish waits longer than a second.
//
// NATS core does not acknowledge: Publish returns nil when nats.go has the message. When
// the connection breaks, what nats.go, the network or the server had may be lost, in both
// directions; a network that is silent is found out within twelve seconds, so that much
// may be. After each outage, when delivery has resumed, each room with members in the
// process is told with [ErrOutage] in its OnError, and so is [Options].OnOutage. A stall
// that broke no connection, but held up a subscription, is told to that room and to
// OnOutage. What cannot be lost belongs into a log.
//
// Where messages come in faster than they can be handed to the members of the process,
// nats.go drops some. They are counted and told to OnError, as [nats.ErrSlowConsumer].
//
// # Security
//
// Rooms trust whoever NATS lets in. A message carries neither a sender nor a signature,
// so:
//
//   - Anyone who may publish to the subjects can send any message to any room, in
//     anybody's name, and as many as the network takes. What cannot be decoded is dropped
//     and counted, and OnError is called for each; it cannot remove members, read along
//     or end a process. A program that acts on messages has to check them as it checks
//     those of a client.
//   - Anyone who may subscribe can read along.
//   - With both rights one can also silence a process: who forges the head of its
//     messages, with a higher count, has the others drop what it says. And one can hide a
//     message of one's own from one process.
//
// That is for the NATS server to settle, by an account for the application or by
// permissions for each prefix. The processes need both rights for all rooms of a prefix,
// and no others:
//
//	permissions: {publish: "app.chat.*", subscribe: "app.chat.*"}
//
// The connection carries TLS and credentials (files of nsc, passwords, NKeys) as
// nats.go's options say, see the example of Recommended. NATS tells a missing right only
// later: a Subscribe without it fails, but a Publish returns nil, and nothing arrives. So
// give the connection a nats.ErrorHandler that logs.
//
// # A cluster
//
// Three processes on a cluster of three servers need nothing more than all the addresses,
// so that one that restarts finds another server: "nats://a,nats://b,nats://c". While it
// is connected, nats.go also learns of servers that are added; the servers have to
// advertise addresses that the processes can reach. What to know:
//
//   - A process that loses its server is at another within seconds. That is an outage,
//     and told as one, also when a server is drained for an update (lame duck mode). So
//     an update of all servers, one by one, is up to three outages for a process.
//   - Servers that lose each other are not: each process keeps its connection, and hears
//     only those on its side until the routes are back. Nobody is told, NATS does not say
//     so to its clients. Watch the routes (/routez), and keep the servers in one region.
//   - Messages of one publisher keep their order across the cluster. Those of two may
//     arrive in another order at each process.
//   - Subscribing waits for the process's own server. The others learn of it a moment
//     later; a message that is published at another server in between is missed.
//   - A server disconnects a client that reads too slowly (write_deadline, max_pending):
//     an outage for that process. Messages larger than max_payload, 1 MB by default, are
//     an error of Publish; rooms and broker together add 34 bytes to what Encode returns.
//   - The permissions above, and TLS, are for the clients. The routes between the servers
//     have settings of their own (cluster: authorization, tls).
//   - Every server knows each room of each process as one subscription. Limits
//     (max_subscriptions, and those of the account) have to leave room for them: NATS
//     tells only the connection's nats.ErrorHandler of one that is too many, and that
//     room hears nothing of the other processes.
//   - Watch Options.OnOutage and the OnError of the rooms. A process that is told often
//     has a network, or a server, that needs looking at.
//
// # Wire format
//
// A message on NATS has a head of 17 bytes before what the rooms published: a byte 1,
// which is the version; eight random bytes, which name the broker that sent it; and a
// number in eight bytes, most significant first, which counts the network connections
// of that broker. Receivers drop a message with a lower number than one that they had
// from the same broker: it was sent on a connection that was replaced, and held up by
// the network until it was out of order. The broker that sent it tells its process of
// that outage.
//
// A message without such a head, or of another version, is given to the rooms as it is,
// and they count and report it as undecodable. So processes of two versions on one
// prefix do not understand each other, but they do not harm each other either: change
// the prefix with the version.
package natsbroker
