// Package natslog keeps rooms on NATS JetStream: one stream for all rooms, on which all
// processes of a program agree.
//
//	nc, err := nats.Connect("nats://nats.internal", natsbroker.Recommended)
//	if err != nil {
//		log.Fatal(err)
//	}
//	defer nc.Close()
//	history := natslog.New(nc, nil)
//	defer history.Close()
//	chat := rooms.New(&rooms.Options[*Message]{Log: history})
//
// The connection is the program's, and is closed by it, after the log. Make it with the
// Recommended of rooms/natsbroker: a broker for presence may share it.
//
// # The stream
//
// The stream is made by the first process that finds none, from the [Options], and made
// anew when it is gone. One that is there is taken as it is, if it can be a log: it takes
// the subjects prefix.log.*, republishes them to prefix.live.*, and allows direct access.
//
// The server keeps Count messages of a room and none older than Age. Both are the
// server's MaxMsgsPerSubject and MaxAge, and nats stream edit changes them. It remembers
// ids for Window, in memory, in all rooms together.
//
// File storage, the default, survives a restart of NATS. But a server acknowledges a
// message before it has synced it to the disk: if the machine loses power, the last two
// minutes may be gone, see sync_interval of the server's configuration. With three
// Replicas in a cluster a message is acknowledged when two servers have it, so one may
// die. With Memory the stream is gone with a restart: members are disconnected with 1013,
// and told "not complete".
//
// # Time
//
// A message carries the time until which it has to be in the stream: the deadline of the
// context, or Options.Wait. If a stalled network delivers it later, nobody sees it, and
// its id may be used again. That time is of the stream's clock, which is asked for every
// five seconds. It is a second generous, since the clocks of the servers of a cluster
// differ; they must not differ by more.
//
// # What it costs
//
// A room costs its process a plain subscription, and no goroutine or consumer. Joining a
// room where this process has nobody takes two round trips, catching up takes one for 256
// messages, an append one. Every five seconds a process asks for the stream, and reads
// the ends of up to 20 of its rooms, chosen by chance: in a cluster a message can be lost
// between two servers unnoticed. Otherwise the next message of the room shows the gap.
//
// # Not guaranteed
//
// An error that wraps [rooms.ErrUncertain] leaves open whether the message is in the
// stream. An id that is said again after its entry was dropped, but within the window,
// gets that error too; after a restart of NATS it is appended again, since a server that
// starts knows only the ids of the messages that it has kept. Messages that somebody
// deletes from the stream, or purges, are not missed by anybody: a client may be told
// that it has all. In a quiet room, the last position is no longer known when its message
// has grown older than Age, unless somebody is in the room.
//
// After each outage OnError is told once or several times in each room that is followed,
// also if nothing was missed.
//
// # Permissions
//
// A process needs to publish to prefix.log.*, $JS.API.STREAM.INFO.stream,
// $JS.API.STREAM.CREATE.stream (unless Provided), $JS.API.STREAM.MSG.GET.stream and
// $JS.API.DIRECT.GET.stream, and to subscribe to prefix.live.* and _INBOX.>. Nobody else
// should be allowed to publish to either prefix: whoever may can speak in every room.
// What cannot be decoded is skipped, and told to OnError.
package natslog
