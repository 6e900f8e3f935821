// Package natsrooms connects rooms in many processes over NATS. It uses core NATS, which
// delivers a message at most once.
//
//	nc, err := nats.Connect("nats://nats.internal", natsrooms.Recommended)
//	if err != nil {
//		log.Fatal(err)
//	}
//	defer nc.Close()
//	broker := natsrooms.NewBroker(nc, nil)
//	defer broker.Close()
//	chat := rooms.New(&rooms.Options[*Message]{Broker: broker})
//
// The connection belongs to the program, which may use it for other things too, and
// closes it after the broker. [Recommended] sets the options that outages require;
// without them a stuck network can close the connection for good.
//
// Each room with members in the process has one NATS subscription. All of them share a
// fixed number of goroutines. A subject is the prefix and one token that encodes the
// room's name, so any string is a name; a name over 128 bytes is hashed.
//
// # Outages
//
// While NATS is down, Publish returns an error, and nothing is kept to be sent later.
// Subscriptions resume with the connection. Publish never blocks for more than a second.
//
// Core NATS does not acknowledge messages: Publish returns nil once nats.go has the
// message. If the connection breaks, messages that nats.go, the network or the server had
// may be lost, in both directions. A silent network is noticed within twelve seconds, so
// the messages of that time may be lost.
//
// After each outage, when delivery has resumed, each room with members in the process
// gets [ErrOutage] in its OnError, and [Options].OnOutage is called. If a stall broke
// no connection but delayed a subscription, only that room and OnOutage get it. If
// messages must not be lost, use a log instead, such as one of [NewLog].
//
// If messages arrive faster than the members of the process can be sent them, nats.go
// drops some. They are counted, and reported to OnError as [nats.ErrSlowConsumer].
//
// # Security
//
// Rooms trust everyone whom NATS lets in. A message carries neither a verified sender
// nor a signature:
//
//   - Anyone who can publish to the subjects can send any message to any room, in
//     anyone's name, as often as the network allows. A message that cannot be decoded
//     is dropped and counted, and OnError is called for it. Such a message cannot
//     remove members, read messages or end a process. Check messages as you check those
//     of a client.
//   - Anyone who can subscribe can read all messages.
//   - With both rights one can also silence a process: if one forges its message head
//     with a higher count, the others drop that process's messages. And one can hide
//     one's own message from a single process.
//
// Restrict this in the NATS server: with an account for the application, or with
// permissions for each prefix. The processes need both rights for all rooms of a prefix;
// nobody else should have them:
//
//	permissions: {publish: "app.chat.*", subscribe: "app.chat.*"}
//
// Set TLS and credentials (nsc files, passwords, NKeys) with nats.go's options; see the
// example of Recommended. NATS reports a missing right late: Subscribe fails, but Publish
// returns nil, and nothing arrives. So set a nats.ErrorHandler that logs.
//
// # A cluster
//
// To use a cluster of three servers, give the addresses of all of them:
// "nats://a,nats://b,nats://c". Then a process that loses its server finds another. While
// connected, nats.go also learns of added servers; they must advertise addresses that the
// processes can reach. Note:
//
//   - A process that loses its server connects to another within seconds. That is an
//     outage, and reported as one, even if a server is drained for an update (lame duck
//     mode). Updating all servers, one by one, causes up to three outages per process.
//   - If servers lose each other, each process keeps its connection, but hears only the
//     processes on its side until the routes are back. Nothing is reported, because NATS
//     does not tell its clients. Watch the routes (/routez), and keep the servers in one
//     region.
//   - The messages of one publisher keep their order across the cluster. Those of two may
//     arrive in a different order at each process.
//   - Subscribe waits for the process's own server. The other servers learn of it a
//     moment later; a message published at one of them in between is missed.
//   - A server disconnects a client that reads too slowly (write_deadline, max_pending).
//     That is an outage for that process. Publish returns an error for a message over
//     max_payload, 1 MB by default; rooms and broker add 34 bytes to what Encode returns.
//   - The permissions and TLS above are for the clients. The routes between the servers
//     have settings of their own (cluster: authorization, tls).
//   - For every server, each room of each process is one subscription. Set limits
//     (max_subscriptions, and those of the account) high enough. Only the connection's
//     nats.ErrorHandler learns of a subscription that was too many; that room gets
//     nothing from other processes.
//   - Watch Options.OnOutage and the OnError of the rooms. If they are called often, look
//     at the network and the servers.
//
// # Wire format
//
// On NATS, a head of 17 bytes comes before the data that the rooms published: one byte 1,
// the version; eight random bytes that identify the broker that sent it; and eight bytes
// with a number, most significant byte first, which counts that broker's network
// connections. Receivers drop a message whose number is lower than one they had from the
// same broker. It was sent on a connection that was replaced, and the network delayed it
// until it was out of order. The broker that sent it reports that outage in its own
// process.
//
// A message without such a head, or of another version, goes to the rooms as it is; they
// count and report it as undecodable. So processes of two versions on one prefix do not
// understand each other, but do each other no harm. Change the prefix with the version.
package natsrooms
