package rooms

// Broker carries the messages of rooms between processes, as bytes. It is one process's
// end of a network. Package brokertest tests an implementation.
//
// Many goroutines call the methods at the same time. For one room, calls of Subscribe and
// Unsubscribe never overlap, and neither do calls of Publish. No method may wait for a
// receive to return, because a receive may be the caller. A method that panics counts
// as failed.
type Broker interface {
	// Publish sends data to the subscribers of room in all other processes: at most once,
	// and in the order of the calls. It may also give data to this broker's own
	// subscriber; a Rooms recognizes its own messages and drops them. The broker must not
	// keep data after Publish returns.
	//
	// What an outage has delayed may come late, after what was published later: a Rooms
	// drops it, and reports it as missing.
	//
	// An error means that data may not have been sent. While the network is down, Publish
	// must return an error, and must not send the data later. If the broker accepted data
	// and may have lost it after all, it reports that as Subscribe describes.
	//
	// Publish may block while the network takes no bytes, and needs no queue of its own:
	// a broadcast waits for it for at most a second, and then returns ErrSlowBroker.
	// Until that Publish returns, later broadcasts return ErrSlowBroker at once. On a
	// good network, and while the network is down, Publish must not block. A Publish that
	// has waited for more than a second should return an error without sending.
	Publish(room string, data []byte) error

	// Subscribe makes the broker call receive for each message that others publish to
	// room after Subscribe returns. It should call it for none that was published before
	// an earlier Unsubscribe of the room returned: after one of these, a Rooms reports
	// the messages in between as missing. Any string is a room. Data belongs to the
	// receiver. Several calls of receive may run at once if each publisher's messages
	// stay in order. Receive does not block, except in the user's OnError.
	//
	// If messages to the room may have been lost, the broker calls receive with nil and
	// an error. It does so after each outage, even one that ended before anyone noticed,
	// and whenever it dropped messages. So both ends of a broken network learn of it.
	//
	// While the network is down, Subscribe should succeed and take effect once the
	// network is back; subscriptions continue after an outage. If Subscribe returns an
	// error, the room is not subscribed, and rooms try again while the room has members.
	// It should return within five seconds; after six, nobody waits for it any more.
	// Subscribing twice to a room is an error: it means that two Rooms share a broker,
	// and each needs its own.
	Subscribe(room string, receive func(data []byte, lost error)) error

	// Unsubscribe ends what Subscribe began: receive gets nothing that is published after
	// Unsubscribe returns. If the room is not subscribed, it does nothing. Even if it
	// returns an error, the room counts as unsubscribed.
	Unsubscribe(room string) error
}
