// Package gossip gives every process a copy of all other processes' entries. It copes
// with a network that loses, delays and repeats messages, and with processes that start
// and end. It is the protocol of rooms.Presence, as a state machine: a [Node] takes
// messages and the time, and returns messages to send. It has no goroutine, no clock
// and no network.
//
// # The protocol
//
// Each process owns its entries; only the owner changes them. Every change gives the
// owner the next version, which the changed entry carries. All messages go to everyone:
//
//   - A beat, one each period: "I am alive, at this version, with this digest."
//   - A list: "These are my entries that last changed in versions base to to, and these
//     are gone since." A list announces changes, or answers an ask. A long list is sent
//     in parts; each part is a list, and useful by itself.
//   - An ask: "I have you at this version. What am I missing?"
//   - A bye, when a process ends.
//
// If another process has a version or a digest that differs from the copy, a process asks
// for what it lacks. So after the next beat every loss is repaired. If nothing changes,
// only beats are sent, however many entries there are.
//
// # Who is alive
//
// A process that was not heard for almost three beats is forgotten. A late message must
// not bring it back. So a copy begins only with the answer to an ask, which repeats the
// ask's random number; a late beat only leads to an ask that nobody answers. This also
// undoes what others say in a process's name: the next beat of the real process differs
// from the copy, and its answer replaces the copy.
//
// A process gets a new random [ID] each time it starts. So messages about its earlier
// life do not affect it.
package gossip
