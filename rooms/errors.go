package rooms

import (
	"errors"
	"fmt"
	"runtime"
)

// Errors that Join returns for a mistake of its caller.
var (
	// ErrNoSender is returned by Join for a nil sender: such a member could never take a
	// message.
	ErrNoSender = errors.New("rooms: the sender is nil")
	// ErrJoined is returned by Join for a sender that is a member of that room already:
	// with two memberships it would get everything twice. After Leave has returned, the
	// sender can join again.
	ErrJoined = errors.New("rooms: the sender is in the room already")
)

// Reasons for which a member is removed, as [Options].OnRemove gets them.
var (
	// ErrBacklog means that the member's backlog passed its limit, in messages or in
	// bytes.
	ErrBacklog = errors.New("rooms: the backlog passed its bound")
	// ErrStalled means that the member took nothing from its backlog for the grace time.
	ErrStalled = errors.New("rooms: nothing was taken for the grace time")
	// ErrNotStarted is wrapped along with ErrBacklog if the member had joined with
	// [LogRooms.JoinAfter], and Start was never called. [Options].OnError gets it, too, for a
	// member that has waited for Start for the grace time; that member stays.
	ErrNotStarted = errors.New("Member.Start was not called")
	// ErrSenderClosed means that the handler closed the sender before it called Leave.
	// Such a member gets no code: closing the sender is a regular end of a connection,
	// and 1013 would turn it into a failure. It is a data race, see [Member.Leave].
	ErrSenderClosed = errors.New("rooms: the sender was closed")
)

// ErrSlowBroker is wrapped by the error of a broadcast, and by what [Options].OnError
// gets, if the broker did not publish within a second. The message reaches other
// processes late or not at all. Until the broker recovers, all broadcasts return this
// error at once, so that nobody waits for a network that is stuck.
var ErrSlowBroker = errors.New("rooms: the broker takes longer than a second")

// ErrMissed is wrapped by what [Options].OnError gets if messages of another process did
// not arrive, and nothing else may have told of it. The error's text ends with how many. It
// counts those for which Broadcast returned an error there.
var ErrMissed = errors.New("rooms: messages of another process are missing")

// Errors for the one who says a message that the members must not be sent. Nobody gets
// it: no member, no log and no other process.
var (
	// ErrUnsendable is wrapped by the error for a message that the members cannot be
	// sent, or that cannot be encoded for other processes.
	ErrUnsendable = errors.New("rooms: the message cannot be sent")
	// ErrMessageTooBig is wrapped as well if the message is larger than
	// [Options].MaxMessageSize.
	ErrMessageTooBig = errors.New("it exceeds MaxMessageSize")
)

// ErrUndecodable is what [Options].OnError gets, wrapped, for a message from another
// process, or from the log, that cannot be decoded or that the members cannot be sent. No
// member gets it.
var ErrUndecodable = errors.New("rooms: undecodable message")

// asClosed turns the panic of a send on a closed channel, as recover returned it, into
// ErrSenderClosed. Any other panic goes on. The runtime has no type for this panic, so
// asClosed compares its text.
func asClosed(recovered any) error {
	if recovered == nil {
		return nil
	}
	if err, ok := recovered.(runtime.Error); ok && err.Error() == "send on closed channel" {
		return ErrSenderClosed
	}
	panic(recovered)
}

func (r *Rooms[M]) fail(name string, err error) {
	r.counts.failed.Add(1)
	r.options.OnError(name, err)
}

func wrap(what, name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("rooms: %s %q: %w", what, name, err)
}
