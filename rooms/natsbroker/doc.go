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
// what an outage needs; read there what other options do.
//
// While NATS is away, Publish returns an error, nothing is kept for later, and
// subscriptions come back with the connection. What was on its way when the connection
// broke may be lost without an error: NATS core does not acknowledge.
//
// There is one NATS subscription for each room with members in the process, and a fixed
// number of goroutines for all of them together. Where messages come in faster than they
// can be handed to the members of the process, nats.go drops some: they are counted and
// told to the OnError of the rooms, as [nats.ErrSlowConsumer].
//
// A subject is the prefix and one token that encodes the room's name, so that any string
// is a name; names of more than 128 bytes are hashed. Anyone who may publish to the
// subjects can send to the rooms, and anyone who may subscribe can read along: that is
// for the permissions of the NATS server to settle.
package natsbroker
