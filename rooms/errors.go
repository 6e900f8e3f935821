package rooms

import (
	"errors"
	"runtime"
)

// What Join returns for a mistake of its caller.
var (
	// ErrNoSender is returned by Join for a nil sender: such a member could never take a
	// message.
	ErrNoSender = errors.New("rooms: the sender is nil")
	// ErrJoined is returned by Join for a sender that is a member of that room already: a
	// room is a set of senders, and a second membership would send everything twice.
	// After Leave has returned, the same sender may join again.
	ErrJoined = errors.New("rooms: the sender is in the room already")
)

// Why a member was removed, as told to [Options].OnRemove.
var (
	// ErrBacklog says that the member's backlog passed its bound, in messages or in
	// bytes.
	ErrBacklog = errors.New("rooms: the backlog passed its bound")
	// ErrStalled says that the member took nothing from its backlog for the grace time.
	ErrStalled = errors.New("rooms: nothing was taken for the grace time")
	// ErrSenderClosed says that the handler closed the sender before it left. Such a
	// member is not sent a code: closing the sender ends a connection regularly, and 1013
	// would turn that into a failure. It is a data race by nature, see [Member.Leave].
	ErrSenderClosed = errors.New("rooms: the sender was closed")
)

// ErrSlowBroker is what a broadcast returns, and what [Options].OnError gets, wrapped,
// when the broker did not publish within a second. The message reaches other processes
// late or not at all. Until the broker goes on, broadcasts return it at once: members of
// the process do not wait for a network that stands still.
var ErrSlowBroker = errors.New("rooms: the broker takes longer than a second")

// ErrUndecodable is what [Options].OnError gets, wrapped, for a message from another
// process that cannot be decoded.
var ErrUndecodable = errors.New("rooms: undecodable message")

// asClosed turns what recover returned into ErrSenderClosed. Any other panic goes on. The
// runtime has no type of its own for this error, so its text has to do.
func asClosed(recovered any) error {
	if recovered == nil {
		return nil
	}
	if err, ok := recovered.(runtime.Error); ok && err.Error() == "send on closed channel" {
		return ErrSenderClosed
	}
	panic(recovered)
}
