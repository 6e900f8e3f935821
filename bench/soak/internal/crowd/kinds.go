package crowd

import "math/rand/v2"

// kind is a kind of client. The error of its life is a fault of the server.
type kind struct {
	name  string
	share int // how often it comes, beside the others
	live  func(*life) error
}

// kinds are all of them.
var kinds = []kind{
	{"good text", 10, goodText},
	{"good bytes", 10, goodBytes},
	{"good JSON", 10, goodJSON},
	{"good compressed", 6, goodCompressed},
	{"good in a room", 30, goodInRoom},
	{"good in a prepared room", 14, goodInPreparedRoom},

	{"reset", 4, reset},
	{"reset in a room", 4, resetInRoom},
	{"vanished", 2, vanish},
	{"half-closed", 3, halfClose},
	{"flood", 2, flood},
	{"stall", 2, stall},
	{"stall in a room", 2, stallInRoom},
	{"slow writer", 3, slowWriter},
	{"broken frame", 6, brokenFrame},
	{"broken JSON", 2, brokenJSON},
	{"unfinished handshake", 3, unfinishedHandshake},
	{"refused handshake", 3, refusedHandshake},
	{"no TLS", 1, noTLS},
}

func (c *Crowd) pick(r *rand.Rand) kind {
	all := 0
	for _, k := range kinds {
		all += k.share
	}
	n := r.IntN(all)
	for _, k := range kinds {
		if n -= k.share; n < 0 {
			return k
		}
	}
	panic("crowd: the shares do not add up")
}
