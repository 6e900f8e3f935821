// Package redisrooms connects rooms in many processes over Redis 7 or newer. A [Broker]
// uses pub/sub, which delivers a message at most once. A [Log] keeps the messages in
// streams.
//
//	o := &redis.UniversalOptions{Addrs: []string{"redis.internal:6379"}}
//	redisrooms.Recommended(o)
//	client := redis.NewUniversalClient(o)
//	defer client.Close()
//	history := redisrooms.NewLog(client, nil) // or redisrooms.NewBroker(client, nil)
//	defer history.Close()
//	chat := rooms.NewOnLog[*Message](history, nil)
//
// # The client
//
// The client belongs to the program, which may use it for other things too, and closes
// it after the broker and the log. It is a *redis.Client, also one for Sentinel, or a
// *redis.ClusterClient; a Ring is refused.
//
// Broker and log work on a copy with settings of their own: nothing is sent twice
// (MaxRetries), a call ends with its context (ContextTimeoutEnabled), and waits at most
// three seconds for bytes (ReadTimeout, WriteTimeout). The copy of a *redis.Client shares
// its connections. The copy of a cluster client has connections of its own, and not the
// hooks that were added to the client. TLS, credentials and all other options are the
// program's. [Recommended] sets options that make outages shorter.
//
// Broker and log hold one more connection each, for their subscriptions. Each room with
// members in the process is one subscription on it, and all rooms share a fixed number
// of goroutines. A channel is the prefix and a token that encodes the room's name, so
// any string is a name; a name over 128 bytes is hashed. The databases of a server share
// one pub/sub, so two programs on one server need two prefixes.
//
// # Outages
//
// While Redis is down, Publish and Append return an error, and nothing is kept to be sent
// later. The server refuses a message that a stuck network delivers late: a script
// compares the server's clock with the time until which the message is wanted. Each
// answer shows the process how far the two clocks differ.
//
// After each outage, when all subscriptions are there again, each room with members in
// the process gets [ErrOutage] in its OnError, and [BrokerOptions].OnOutage is called. A
// room on a log then reads what it missed. The same happens if a Publish got no answer
// within a second. If a stall broke no connection but delayed a subscription, only that
// room and OnOutage get it.
//
// Every three seconds a process publishes to a channel of its own, in a cluster by each
// master. If that does not come back within eight seconds, the connection of the
// subscriptions is replaced, however healthy it looks.
//
// If messages arrive faster than the members of the process can be sent them, some are
// dropped. They are counted, and reported to OnError as [ErrFull]. A room on a log reads
// them.
//
// # A broker
//
// Publish waits until the server has run a script with PUBLISH, which is one round trip.
// Messages of one process to one room are published one after the other. A nil error
// means that the server has put the message on the connection of each of its
// subscribers. Pub/sub has no acknowledgements. If a broken connection loses a message,
// the process that should have got it gets [ErrOutage], and rooms.ErrMissed when the next
// message comes. If messages must not be lost, use a log.
//
// Redis closes the connection of a subscriber that reads too slowly
// (client-output-buffer-limit pubsub, by default 32 MB, or 8 MB for a minute). That is an
// outage for that process. A message may have 512 MB (proto-max-bulk-len); rooms and
// broker add some 50 bytes to what Encode returns.
//
// # A log
//
// Each room has one stream, prefix:s:{room}. Append is one script, so it takes one round
// trip and happens as a whole or not at all: it checks the time and the id, adds the
// entry, drops what exceeds Count, and publishes the entry on prefix:p:{room}. Each id is
// a key, prefix:i:{room}:hash, for Window.
//
// A position is the id of an entry in its stream: a number, and a tag that is random for
// each entry. Each entry names the one before it, and the stream knows the id that it
// gave last. That proves that nothing is missing, whoever edits the stream. It also holds
// after a failover to a replica that lagged, or a start from older files: the numbers are
// then given again, but with other tags. So a loss is never hidden: members are
// disconnected with 1013, and their clients then get "not complete".
//
// The error of Append is certain if it is a reply of the server, such as LOADING, OOM,
// NOREPLICAS or NOPERM, or if no connection could be made: then the entry is not in the
// log, and never will be. If the answer is lost, Append tries again with the same id and
// tag until its context ends, and then returns an error that wraps [rooms.ErrUncertain].
//
// # What Redis may lose
//
// A server acknowledges an entry before it is safe. What may be lost with it depends on
// how the server is configured:
//
//   - appendonly yes, appendfsync always: nothing, while the disk lasts. Each Append
//     waits for the disk.
//   - appendonly yes, appendfsync everysec: a killed server loses next to nothing. A
//     power cut loses a second or two. This is what we suggest.
//   - Snapshots only, the default of Redis: all since the last one, which is minutes.
//   - A failover loses what the new master did not have. Replicas are sent entries after
//     they are acknowledged. Set min-replicas-to-write 1 and min-replicas-max-lag 10: a
//     master that is cut off from its replicas then soon refuses entries (NOREPLICAS),
//     instead of taking some that are lost. WAIT would make each Append wait for
//     replicas; this package does not call it, because even then Redis does not promise
//     that the one that has the entry becomes the master.
//   - Set maxmemory-policy noeviction. A server that evicts keys may drop a room, which
//     is said, or an id within its Window: then a message that is said again comes twice.
//
// # Memory
//
// Redis holds everything in memory, and a stream has no limit in bytes. A room takes at
// most Count messages of rooms.Options.MaxMessageSize. A stream and its first short
// message take about 4 KB of the server's memory. Each later message takes its size and
// some 60 bytes, and each remembered id about 200 bytes. Set maxmemory: when it is
// reached, Append returns OOM, and rooms still hear and read. A room that nobody has used
// for Age is removed.
//
// A page has at most 512 entries and about 1 MiB, because the server does nothing else
// while it reads one. A subscriber that is too slow is disconnected by the server
// (client-output-buffer-limit pubsub). That is an outage of its process.
//
// # What a log costs
//
// Appending takes one round trip, following a room two, and reading a page one. A
// followed room takes no goroutine. Every five seconds up to 20 rooms of a process, in
// turn, look whether they have missed something. That also keeps a room alive, so with a
// short Age more rooms look.
//
// # Not guaranteed by a log
//
//   - After an error that wraps [rooms.ErrUncertain], the message may be in the log or
//     not. Saying an id again also gives that error if its entry was dropped but its id
//     is still in the window.
//   - A server whose clock steps back takes a message that is late by up to that step.
//     In a cluster, the same holds for the difference of its servers' clocks.
//   - A context that is cancelled before its deadline is noticed after three seconds at
//     the latest.
//   - While a slot of a cluster is being moved, entries may be refused with TRYAGAIN.
//     Append tries again until its context ends.
//   - If an administrator deletes messages that some have not seen, and the next entry is
//     of another program, they are not told: nothing says what came before that one.
//
// # Sentinel
//
// Make the client with UniversalOptions.MasterName, and the addresses of the sentinels.
// After a failover go-redis drops its connections to the old master. The probe above
// finds a subscription that stayed there, and each room gets [ErrOutage]. A replica
// refuses to publish. If the old master is cut off, it takes messages until Sentinel has
// made it a replica; these reach only the processes that are connected to it. With
// min-replicas-to-write 1 it refuses them.
//
// # A cluster
//
// All keys of a room are in one slot, so rooms spread over all masters. A PUBLISH goes to
// all servers of a cluster, so do not use many; subscriptions may be on any of them. When
// slots are moved, or another server takes over, calls go to the new one. While a slot
// has no server, calls for its rooms return CLUSTERDOWN. Other rooms continue if
// cluster-require-full-coverage is off. If a server is lost, all rooms get [ErrOutage]
// when each slot has a master again. A room that is left and joined again at once may
// still get a message that was between two servers, and then be told that some after it
// are missing.
//
// Valkey speaks the same protocol and should work the same; it is not tested.
//
// # Security
//
// Rooms trust everyone whom Redis lets in. A message carries neither a verified sender
// nor a signature:
//
//   - Anyone who can publish to a room's channel can send any message to it, in anyone's
//     name. A message that cannot be decoded is dropped and counted, and OnError is
//     called for it. Check messages as you check those of a client.
//   - Anyone who can subscribe can read all messages.
//   - With both rights one can silence a process: if one forges its message head with a
//     higher count, the others drop that process's messages.
//
// So give the program a user of its own. It needs these rights, for all rooms with the
// prefix, and nobody else should have them. For a broker:
//
//	ACL SETUSER chat on >password resetchannels &rooms:* resetkeys ~rooms:* -@all
//	    +subscribe +unsubscribe +publish +time +eval +evalsha
//
// A log needs +get +set +exists +pexpire +xadd +xrange +xinfo|stream as well. Whoever may
// write to a room's stream can break its chain, so that its members are disconnected with
// 1013.
//
// The client of a cluster also needs +cluster|slots and +info, and that of Sentinel a
// user at the sentinels. If a right is missing, the error of the call names the command;
// rooms that can no longer be subscribed are told. If a right is given back, they hear
// again within seconds.
//
// # Wire format
//
// A broker publishes a room's messages to prefix:b:token, as they are. If one is of
// another version of rooms, they count and report it as undecodable.
//
// A log's entry has the fields prev, the id of the entry before it, and data. Published
// it is prev, its own id and the data, with a blank between them.
package redisrooms
