// Package pool calls the receivers of many rooms from a few goroutines. It is what
// every broker or log on a network needs, and it knows no client library. [Pool] holds
// the rooms and their workers; [Pool.Watch] notices outages.
//
// # Rooms and workers
//
// An engine subscribes a room under a key, such as its subject or channel. The key
// decides which worker serves the room, always the same one. A worker has one queue and
// one goroutine. It alone calls the methods of its rooms, so a room is never called twice
// at the same time, and messages keep the order of the queue. A room that was left is not
// called for what still waits in the queue; a call that is in progress goes on.
//
// A room gets what comes after Config.Subscribe has returned, and is told of losses from
// then on. What came before may be left from an earlier room with its key. A mark in the
// queue divides the two; if the queue is full, there is none, and the room gets both. A
// room of a log is told nothing before [Pool.Follow] has read where the room ends.
//
// # The queue
//
// The client's reader must never wait for a room. So queues are bounded, and what
// exceeds them is dropped, counted and told to the room. Some clients do that
// themselves: they take the queue as their channel ([Pool.Queue]), and Config.Dropped
// asks them how many they dropped. For the others, the reader calls [Pool.Push].
//
// # What is owed
//
// Nothing tells a room of a loss directly. It is owed the loss, and its worker tells it
// soon after, so a room that is left in between is not called. What is owed several
// times before that is told once. A nil loss means only that the room should look:
// messages may have been missed without any sign. It never hides a loss that is owed as
// well.
//
//   - After an outage, each room is owed it, once the network has all subscriptions
//     again. So nothing is missed after the room was told.
//   - A room whose subscription was not answered in time is late. It is owed an outage,
//     and no other room is, when the network has answered.
//   - A connection that will not come back by itself is owed to all rooms at once.
//   - A sweep owes a nil loss to some rooms, in turn: each call goes on where the last
//     one ended, so all rooms have their turn.
//
// # The end
//
// Close ends all rooms and waits for the goroutines. So it must not be called from a
// room's method.
package pool
