// Package history runs random histories of rooms, chosen by a seed, and checks what the
// clients have seen. Where a history happens is a parameter: on a simulated network in
// fake time, or on real servers in real time.
//
// What is true is put together from what the clients have seen and what Say has
// acknowledged. So the checker knows nothing of how a log keeps its entries.
package history
