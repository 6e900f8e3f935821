package brokertest_test

import (
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
)

// faultyBrokers are the brokers that the suite has to fail, each by one of its tests.
var faultyBrokers = []struct {
	name    string
	broker  func(right rooms.Broker) rooms.Broker
	network func(memory *brokertest.Memory, n *brokertest.Network)
	suite   string // the test that finds it
	want    string // of its message
}{
	{name: "lossy", broker: every(100, lose), suite: "one publisher's order",
		want: `publisher \d: received 100, want 99`},
	{name: "duplicating", broker: every(100, duplicate), suite: "one publisher's order",
		want: `publisher \d: received 99, want 100`},
	{name: "reordering", broker: reorder, suite: "one publisher's order",
		want: `publisher \d: received 10, want 9`},
	{name: "leaks subscriptions", broker: leakSubscriptions, suite: "nothing leaks",
		want: `subscriptions leak`},
	{name: "leaks receive", broker: leakMemory, suite: "nothing leaks",
		want: `memory leaks: the broker holds receive`},
	{name: "leaks a goroutine for each Unsubscribe", broker: leakGoroutines,
		suite: "nothing leaks", want: `goroutines leak`},
	{name: "deaf for a moment", broker: deafAtFirst, suite: "hears at once",
		want: `deaf after Subscribe`},
	{name: "hears after Unsubscribe", broker: hearOn, suite: "unsubscribe",
		want: `received "after" after Unsubscribe`},
	{name: "mute about drops", broker: dropWhenSlow, suite: "a slow receiver",
		want: `the slow receiver is told that it has missed messages`},
	{name: "limited in size", broker: limitSize, suite: "too large is an error",
		want: `Publish\(131072 bytes\) = no error, and the message is lost`},
	{name: "waits for receivers", broker: waitForReceivers, suite: "a slow receiver",
		want: `Publish\("room"\) has not returned after 1s: it blocks`},
	{name: "blocks", broker: every(1, block), suite: "bytes arrive unchanged",
		want: `Publish\("room"\) has not returned after 1s: it blocks`},
	{name: "crosses rooms", broker: foldNames, suite: "any string is a room",
		want: `rooms cross: what was published to "A" came to "a"`},
	{name: "panics in Publish", broker: every(1, panics),
		want: `Publish\("room"\): brokertest: the broker panicked: as a broker should not`},
	{name: "panics in Unsubscribe", broker: panicLate, suite: "unsubscribe",
		want: `Unsubscribe\("never subscribed"\): brokertest: the broker panicked`},
	{name: "keeps the publisher's buffer", broker: keepBuffer, suite: "bytes are not shared",
		want: `received "\\x00.*want "as it was"`},
	{name: "shares the message", broker: shareMessage(), suite: "bytes are not shared",
		want: `received .*want "as it was"`},
	{name: "ends unsubscribed", broker: unsubscribeLate, suite: "ends subscribed",
		want: `received nothing, want a message`},
	{name: "refuses calls from receive", broker: refuseFromReceive,
		suite: "called from receive", want: `a call from receive = refused, want no error`},
	{name: "subscribes twice", broker: subscribeTwice, suite: "subscribe twice",
		want: `second Subscribe = no error, want one`},
	{name: "holds a lock while it delivers", broker: lockWhileDelivering,
		suite: "called from receive", want: `from receive hangs|it blocks`},
	{name: "mute about outages", broker: muteAboutLoss, suite: "outage",
		want: `nobody told the subscriber that it may have missed messages in the outage`},
	{name: "mute about errors", broker: noErrors, suite: "outage",
		want: `Publish returns an error while the network is away`},
	{name: "keeps for later", broker: keepForLater, suite: "outage",
		want: `after the outage received \["stale"`},
	{name: "passes old messages on", broker: passOn, suite: "late comers miss nothing",
		want: `messages of another process are missing`},
	{name: "stays away", broker: same, network: stayAway, suite: "outage",
		want: `nothing arrives any more`},
}

// stayAway is a network that does not come back.
func stayAway(_ *brokertest.Memory, n *brokertest.Network) { n.Start = func(*testing.T) {} }

func same(right rooms.Broker) rooms.Broker { return right }

// broker is a right one, of which a fault replaces some methods.
type broker struct {
	rooms.Broker
	publish     func(room string, data []byte) error
	subscribe   func(room string, receive func([]byte, error)) error
	unsubscribe func(room string) error
}

func (b *broker) Publish(room string, data []byte) error {
	if b.publish == nil {
		return b.Broker.Publish(room, data)
	}
	return b.publish(room, data)
}

func (b *broker) Subscribe(room string, receive func([]byte, error)) error {
	if b.subscribe == nil {
		return b.Broker.Subscribe(room, receive)
	}
	return b.subscribe(room, receive)
}

func (b *broker) Unsubscribe(room string) error {
	if b.unsubscribe == nil {
		return b.Broker.Unsubscribe(room)
	}
	return b.unsubscribe(room)
}

// moment is longer than a test takes from its Publish to change the buffer.
const moment = 200 * time.Millisecond
