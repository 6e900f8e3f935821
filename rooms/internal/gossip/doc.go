// Package gossip keeps what every process says of itself the same in all processes,
// over a network that loses, delays and repeats messages, and among processes that come
// and go. It is the protocol of rooms.Presence, as a state machine: a [Node] is given
// messages and the time, and gives messages to send. It has no goroutine, no clock and
// no network.
//
// # The protocol
//
// Each process owns its entries, and nobody else changes them. Every change gives the
// owner's state the next version, and the entry that changed carries it. All messages go
// to everyone:
//
//   - A beat, one each period: "I am alive, at this version, with this digest."
//   - A list: "These are my entries that last changed in the versions from base to to,
//     and these are gone since." Changes are told by such lists, and questions are
//     answered by them. A long one is sent in parts, each of which is a list and of use
//     by itself.
//   - An ask: "I have you at this version. What am I missing?"
//   - A bye, when a process ends.
//
// A process that finds another at a version or a digest that differs from its copy asks
// for what it lacks. So every loss is made good after the next beat, and at rest a beat
// is all that is sent, whatever there is.
//
// # Who is alive
//
// A process that was not heard for almost three beats is forgotten. A message that comes
// late must not bring back the dead: a copy begins only with the answer to an ask, which
// repeats the random number in it. So a late beat leads to an ask that nobody answers.
// That also undoes what others say in a process's name: the next beat of the real one
// differs, and its answer replaces the copy.
//
// A process has a random [ID] for each of its lives. So one that starts again is another,
// and nothing that is told of the earlier one is taken for it.
package gossip
