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
// *redis.ClusterClient; a Ring is refused. Broker and log work on a copy with settings of
// their own: nothing is sent twice (MaxRetries), a call ends with its context
// (ContextTimeoutEnabled), and waits at most three seconds for bytes (ReadTimeout,
// WriteTimeout). The copy of a *redis.Client shares its connections; that of a cluster
// client has its own, without the hooks that were added to the client. TLS, credentials
// and all other options are the program's. What [Recommended] sets makes outages shorter.
//
// Broker and log hold one more connection each, for their subscriptions. Each room with
// members in the process is one subscription on it, and all rooms share a fixed number
// of goroutines. A channel is the prefix and a token that encodes the room's name, so
// any string is a name; a name over 128 bytes is hashed. The pub/sub of a server does not
// know databases: two programs on one server need two prefixes.
//
// # Outages
//
// While Redis is down, Publish and Append return an error, and nothing is kept to be sent
// later. A message that a stuck network delivers late is refused by the server: it
// compares its clock with the time until which the message is wanted. The difference of
// the clocks is learned from each answer.
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
// Publish waits until the server has run a script with PUBLISH, one round trip: messages
// of one process to one room take one after the other. A nil error means that each
// subscriber of that server has the message on its connection. Pub/sub has no
// acknowledgements: what a broken connection loses is told by [ErrOutage] to the process
// that was to get it, and by rooms.ErrMissed when the next message comes. If messages
// must not be lost, use a log.
//
// Redis closes the connection of a subscriber that reads too slowly
// (client-output-buffer-limit pubsub, by default 32 MB, or 8 MB for a minute). That is an
// outage for that process. A message may have 512 MB (proto-max-bulk-len); rooms and
// broker add some 50 bytes to what Encode returns.
//
// # Sentinel
//
// Make the client with a master's name: UniversalOptions.MasterName, and the addresses of
// the sentinels. After a failover go-redis drops its connections to the old master, the
// probe finds a subscription that stayed there, and each room is told. A replica refuses
// to publish. If the old master is cut off, it takes messages until Sentinel has made it
// a replica; these reach only those who are connected to it. With min-replicas-to-write 1
// it refuses them.
//
// # A cluster
//
// All that a room has is in one slot, so rooms spread over all masters. PUBLISH goes to
// all servers of a cluster, which is fine for a few; subscriptions may be on any of them.
// When slots are moved, or another server takes over, calls go to the new one. While a
// slot has no server, calls for its rooms return CLUSTERDOWN; other rooms go on if
// cluster-require-full-coverage is off. If a server is lost, all rooms are told, when
// each slot has a master again.
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
// The client of a cluster also needs +cluster|slots, and that of Sentinel a user at the
// sentinels. If a right is missing, the error of the call names the command; rooms that
// can no longer be subscribed are told. If a right is given back, they hear again within
// seconds.
//
// # Wire format
//
// A broker publishes a room's messages to prefix:b:token. A head of 17 bytes comes before
// the data that the rooms published: one byte 1, the version; eight random bytes that
// identify the broker that sent it; and eight bytes with a number, most significant byte
// first, which counts what may have lost a message. Receivers drop a message whose number
// is lower than one they had from the same broker in that room: it was held up, and the
// broker has reported it as lost. A message without such a head, or of another version,
// goes to the rooms as it is; they count and report it as undecodable.
package redisrooms
