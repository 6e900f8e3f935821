package sockets

// rank says which of several reasons to end counts if the closer finds them together:
// the one with the higher rank. A handler does one thing after the other, so the ranks
// of what a handler does are in the order of what it must have done first.
type rank int

const (
	rankReturned rank = iota // the handler returned or closed a channel
	rankServer               // the server shuts down
	rankPanic                // the handler panicked
	rankCode                 // the handler sent a code on disconnect, or called Close
	rankPeer                 // the peer or the network ended it
)

// choose returns the ending that counts: first, or then, which came later or at the same
// time.
//
//   - A message that cannot be sent was sent before this side ended the connection, so it
//     is the earlier reason.
//   - The peer's close frame may be found after a write has failed. It says more.
//   - A group may drop the network connection right after it has ended the connection. So
//     a network that fails after the server's end counts for nothing.
//   - Of reasons found together the one with the higher rank counts.
func choose(first, then *ending) *ending {
	switch {
	case then.unsent:
		if first.ours() {
			return then
		}
	case first.by == byNetwork && then.by == byClient:
		return then
	case first.by == byServer && then.by == byNetwork:
	case first.rank < then.rank:
		return then
	}
	return first
}
