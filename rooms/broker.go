package rooms

// Broker carries the messages of rooms between processes, as bytes. A Broker is one
// process's end of a network; package brokertest has a suite that proves an
// implementation.
//
// Many goroutines call the methods at the same time, but for one room Subscribe and
// Unsubscribe are called in turns, and so is Publish. None may wait for a receive to
// return: it may be one that called.
type Broker interface {
	// Publish sends data to the subscribers of room in all other processes: at most once,
	// and in the order in which it is called. It may give data to this broker's own
	// subscriber as well; rooms know their own and drop it. The broker may not keep data
	// after it has returned.
	//
	// The error says that data may not have been sent. While the network is away Publish
	// has to say so, and must not send later what it could not send now. What it accepted
	// and may have lost after all, it tells as Subscribe says.
	//
	// It may not block for longer than a second, however slow the network is. Rooms do
	// not rely on that: after a second a broadcast returns ErrSlowBroker, and those that
	// follow return it at once until Publish returns. Publish never runs twice for a room
	// at the same time.
	Publish(room string, data []byte) error

	// Subscribe lets receive be called for what others publish to room from the moment
	// when it returns. Any string is a room. Data belongs to the receiver. Several
	// receives may run at the same time, if that keeps the order of each publisher.
	// Receive does not block, except for a time in the user's OnError.
	//
	// When messages to the room may have been lost, the broker calls receive with nil and
	// an error: after each outage, also one that is over before anybody noticed, and when
	// it dropped some. So both ends of a broken network learn of it.
	//
	// While the network is away, Subscribe should succeed and take effect when it is
	// back, as a subscription outlives an outage. If it returns an error, nothing is
	// subscribed, and rooms try again after a while, as long as the room has members.
	// Subscribing twice to a room is an error: two Rooms share a broker that should have
	// one each.
	Subscribe(room string, receive func(data []byte, lost error)) error

	// Unsubscribe ends what Subscribe began: what is published after it has returned does
	// not reach receive. Without a subscription it does nothing. Whatever it returns, the
	// room counts as unsubscribed.
	Unsubscribe(room string) error
}

// Prompt is a Broker whose Publish never takes longer than a second, whatever the
// network does. Rooms call such a Publish directly, and that of any other broker in a
// goroutine, so that they can give up.
type Prompt interface {
	Broker
	// Prompt returns the broker itself: a type that embeds one, and may block, is none.
	Prompt() Broker
}

func isPrompt(b Broker) bool {
	p, ok := b.(Prompt)
	return ok && p.Prompt() == b
}
