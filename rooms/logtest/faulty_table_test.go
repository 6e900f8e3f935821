package logtest_test

import (
	"context"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// faultyLogs are the logs that the suite has to fail, each by one of its tests.
var faultyLogs = []struct {
	name  string
	log   func(right rooms.Log) rooms.Log
	suite string // the test that finds it
	want  string // of its message
}{
	{name: "loses what it acknowledges", log: loseEach(50), suite: "reading after a place",
		want: `Read\("room", \) = "?59`},
	{name: "drops what is large", log: dropLarge, suite: "bytes are kept unchanged",
		want: `is told "large|nothing is told`},
	{name: "makes nothing of the empty message", log: nilWhenEmpty,
		suite: "bytes are kept unchanged", want: `nothing is told|is told "x", want ""`},
	{name: "keeps the buffer of who appends", log: keepBuffer(),
		suite: "bytes are not shared", want: `want .* "as it was"`},
	{name: "shares what was read", log: shareRead(), suite: "bytes are not shared",
		want: `want .* "as it was"`},
	{name: "crosses rooms", log: foldNames, suite: "any string is a room",
		want: `room "a" has`},
	{name: "appends an id again", log: forgetIDs, suite: "an id is appended once",
		want: `again is at .*, the place of "", want its own`},
	{name: "takes one room's ids for another's", log: mixIDs(),
		suite: "an id is appended once", want: `the other room has 0`},
	{name: "learns an id too late", log: learnLate(), suite: "one id at the same time",
		want: `one id, appended at the same time, is at`},
	{name: "reads in another order", log: reverse, suite: "reading after a place",
		want: `Read\("room", .*\) = .* want`},
	{name: "is never whole", log: whole(func(bool, rooms.Place) bool { return false }),
		suite: "reading after a place", want: `whole false, want .* whole true`},
	{name: "has all from the beginning", log: whole(func(is bool, after rooms.Place) bool {
		return is || after == rooms.Place{}
	}), suite: "unknown places", want: `Read\(\) = .*, whole, want not whole`},
	{name: "has all after what it dropped", log: wholeIfOwn(), suite: "more than is kept",
		want: `whole true, want .* whole false`},
	{name: "has all after its end", log: wholeAfterEnd(), suite: "unknown places",
		want: `after_the_end.*\n.*whole, want not whole`},
	{name: "forgets the tag", log: forgetTag, suite: "unknown places",
		want: `another_tag.*\n.*whole, want not whole`},
	{name: "takes the new log for the old", log: forgetTag, suite: "lost and made anew",
		want: `whole true, want .* whole false`},
	{name: "takes lost numbers for its own", log: forgetTag, suite: "set back",
		want: `whole true, want .* whole false`},
	{name: "ends where it ended", log: endAlike, suite: "empty again",
		want: `as before all was lost, want another place`},
	{name: "goes on in the new log", log: chainOn(), suite: "lost while it is followed",
		want: `of the new log comes after .* of the old`},
	{name: "mute about the loss", log: muteAfter, suite: "lost while it is followed",
		want: `waited .* in vain: the follower is told to look`},
	{name: "more without entries", log: emptyMore, suite: "reading after a place",
		want: `= no entries and more, want some`},
	{name: "tells in another order", log: tellSwapped, suite: "one order",
		want: `publisher \d: followed \d+, want \d+`},
	{name: "hides a gap", log: hideGap(10), suite: "one order",
		want: `publisher \d: followed \d+, want \d+`},
	{name: "tells a place that is not its own", log: tellNext, suite: "bytes are kept unchanged",
		want: `followed at .*, want .* as appended`},
	{name: "deaf at first", log: deafAtFirst, suite: "following",
		want: `nothing is told of "room"`},
	{name: "follows from somewhere", log: followBehind, suite: "following",
		want: `Follow = .*, want .*, the last`},
	{name: "tells after Unfollow", log: tellOn, suite: "following",
		want: `told .* after Unfollow, want nothing`},
	{name: "follows twice", log: followTwice, suite: "following twice",
		want: `second Follow = no error, want one`},
	{name: "mute", log: tellNothing, suite: "no gap after following",
		want: `nothing is told of "room"`},
	{name: "holds a lock while it tells", log: lockWhileTelling,
		suite: "called from receive", want: `from receive hangs|it blocks`},
	{name: "appends when the context has ended", log: ignoreEnd, suite: "an ended context",
		want: `Append with an ended context = .*, want an error`},
	{name: "blocks", log: block, suite: "bytes are kept unchanged",
		want: `Append\("room"\) has not returned after 1.5s: it blocks`},
	{name: "panics", log: panics, suite: "following",
		want: `Unfollow\("room"\): logtest: the log panicked: as a log should not`},
	{name: "leaks a goroutine for each Unfollow", log: leakGoroutines,
		suite: "nothing leaks", want: `goroutines leak`},
	{name: "leaks receive", log: leakReceive(), suite: "nothing leaks",
		want: `memory leaks: the log holds receive`},
	{name: "acknowledges while it is away", log: acknowledgeAlways, suite: "outage",
		want: `Append returns an error while the store is away`},
	{name: "mute about outages", log: muteErrors, suite: "outage",
		want: `the follower is told of the outage|nothing is told`},
	{name: "tells of outages without an error", log: lookOnly, suite: "outage",
		want: `the follower is told of the outage, with its error`},
	{name: "keeps for later", log: keepForLater(), suite: "outage",
		want: `is there 2 times, want once`},
	{name: "knows no other process", log: ownOnly(), suite: "two processes",
		want: `nothing is told of|publisher \d: followed`},
}

func same(right rooms.Log) rooms.Log { return right }

// faulty is a right log, of which a fault replaces some methods.
type faulty struct {
	rooms.Log
	append   func(ctx context.Context, room, id string, data []byte) (rooms.Place, error)
	read     func(ctx context.Context, room string, after rooms.Place) (rooms.Page, error)
	follow   func(ctx context.Context, room string, receive func(rooms.News)) (rooms.Place, error)
	unfollow func(room string) error
}

func (f *faulty) Append(ctx context.Context, room, id string, data []byte) (rooms.Place, error) {
	if f.append == nil {
		return f.Log.Append(ctx, room, id, data)
	}
	return f.append(ctx, room, id, data)
}

func (f *faulty) Read(ctx context.Context, room string, after rooms.Place) (rooms.Page, error) {
	if f.read == nil {
		return f.Log.Read(ctx, room, after)
	}
	return f.read(ctx, room, after)
}

func (f *faulty) Follow(ctx context.Context, room string, receive func(rooms.News)) (
	rooms.Place, error,
) {
	if f.follow == nil {
		return f.Log.Follow(ctx, room, receive)
	}
	return f.follow(ctx, room, receive)
}

func (f *faulty) Unfollow(room string) error {
	if f.unfollow == nil {
		return f.Log.Unfollow(room)
	}
	return f.unfollow(room)
}
