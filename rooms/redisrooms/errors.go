package redisrooms

import (
	"errors"
	"fmt"

	"github.com/beatrichartz/martini-sockets/rooms"
)

var (
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("redisrooms: closed")
	// ErrSlow is returned by Publish if Redis, or the network to it, is stuck. It wraps
	// rooms.ErrSlowBroker.
	ErrSlow = fmt.Errorf("redisrooms: Redis stands still: %w", rooms.ErrSlowBroker)
	// ErrOutage means that the connection to Redis was broken, or brought nothing: rooms
	// may have missed messages. Then all rooms get it. Or it means that the connection
	// was stuck when a room was subscribed, so that Redis learned of the room late. Then
	// only that room gets it. In both cases delivery has resumed, unless the error also
	// wraps what Redis refuses, such as a missing right.
	ErrOutage = errors.New("redisrooms: the connection to Redis was broken or stood still")
	// ErrFull means that messages arrived faster than rooms could be given them, and that
	// some were dropped.
	ErrFull = errors.New("redisrooms: messages arrive too fast")
)

// slow is what rooms are told if messages were dropped.
func slow(dropped int) error { return fmt.Errorf("%w: %d dropped", ErrFull, dropped) }
