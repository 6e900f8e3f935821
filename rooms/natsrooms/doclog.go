// A [Log] keeps the messages of rooms on NATS JetStream. One stream holds all
// rooms of all processes.
//
//	nc, err := nats.Connect("nats://nats.internal", natsrooms.Recommended)
//	if err != nil {
//		log.Fatal(err)
//	}
//	defer nc.Close()
//	history := natsrooms.NewLog(nc, nil)
//	defer history.Close()
//	chat := rooms.New(&rooms.Options[*Message]{Log: history})
//
// The connection belongs to the program, which closes it after the log. Make it with
// natsrooms.Recommended. A broker for a presence can share it.
//
// # The stream
//
// The first process that finds no stream creates it from the [Options]; if the stream
// is ever gone, it is created again. An existing stream is used as it is, if it can be
// a log: it must take the subjects prefix.log.*, republish them to prefix.live.*, and
// allow direct access.
//
// The server keeps Count messages of each room, and none older than Age. These are the
// stream's MaxMsgsPerSubject and MaxAge, which nats stream edit can change. It remembers
// the ids of all rooms for Window, in memory.
//
// By default the stream is stored in files, and survives a restart of NATS. But a
// server acknowledges a message before it has synced it to the disk: if the machine
// loses power, the last two minutes may be lost (see the server's sync_interval). With
// three Replicas in a cluster, a message is acknowledged when two servers have it, so
// one may fail. With Memory, a restart loses the stream: members are disconnected with
// 1013, and their clients then get "not complete".
//
// # Time
//
// A message carries the time by which it must be in the stream: the deadline of the
// context, or Options.Wait from now. If a stuck network delivers it later, nobody sees
// it, and its id can be used again. The time is that of the stream's clock, which the
// log asks for every five seconds. It adds one second, because the clocks of the
// servers in a cluster differ. They must not differ by more.
//
// # What it costs
//
// A room costs its process one plain subscription, and no goroutine or consumer. Two
// round trips join a room without members in this process; one reads 256 missed
// messages; one appends a message.
//
// Every five seconds a process asks for the state of the stream, and reads the ends of
// up to 20 of its rooms, chosen at random: in a cluster a message can be lost between
// two servers unnoticed. Without that, only the next message of the room would reveal
// the gap.
//
// # Not guaranteed
//
//   - After an error that wraps [rooms.ErrUncertain], the message may be in the stream
//     or not. Saying an id again also gives that error if its entry was dropped but its
//     id is still in the window.
//   - After a restart of NATS, an id whose entry was dropped is appended again: the
//     server then knows only the ids of the messages that it has kept.
//   - If someone deletes messages from the stream, or purges it, nobody notices: a client
//     may get "complete" without them.
//   - In a quiet room without members, a position stops being known once its message is
//     older than Age.
//
// After each outage OnError is called, once or several times, for each room that the
// process follows, even if nothing was missed.
//
// # Permissions
//
// A process must be allowed to publish to prefix.log.*, $JS.API.STREAM.INFO.stream,
// $JS.API.STREAM.CREATE.stream (unless Provided), $JS.API.STREAM.MSG.GET.stream and
// $JS.API.DIRECT.GET.stream, and to subscribe to prefix.live.* and _INBOX.>. Allow
// nobody else to publish to either prefix: they could speak in every room. An entry
// that cannot be decoded is skipped, and reported to OnError.
package natsrooms
