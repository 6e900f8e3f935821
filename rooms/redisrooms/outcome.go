package redisrooms

import (
	"errors"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"
)

// outcome is what an error of a script says about its entry.
type outcome int

const (
	// unknown: it may be in the log, or get there. Try again with its id.
	unknown outcome = iota
	// refused: it is not in the log, and never will be.
	refused
	// moving: the same, but another server takes over. Try again.
	moving
)

// replies are the errors with which a server answers before it runs a script, by their
// first word. A script's own errors are refused as well: they come before it writes. Any
// other answer is unknown: a proxy may give it, or a later server.
var replies = map[string]outcome{
	"ASK":         moving,  // the slot is moved, and the key was already
	"BUSY":        refused, // another script runs for too long
	"CLUSTERDOWN": refused, // a slot has no server, or the cluster no majority
	"CROSSSLOT":   refused, // the keys are in two slots
	"DENIED":      refused, // protected mode
	"LOADING":     refused, // the server reads its files
	"MASTERDOWN":  refused, // a replica has no master
	"MISCONF":     refused, // the server cannot write its files
	"MOVED":       moving,  // another server has the slot
	"NOAUTH":      refused, // the connection has no user
	"NOPERM":      refused, // the user has no right to it
	"NOREPLICAS":  refused, // too few replicas are there
	"NOSCRIPT":    refused, // the server does not know the script
	"OOM":         refused, // no memory left
	"READONLY":    moving,  // the server is a replica, perhaps since a moment ago
	"TRYAGAIN":    moving,  // the slot is moved, and one of the keys was already
	"WRONGPASS":   refused, // the password or the user is wrong
	"WRONGTYPE":   refused, // the key is no stream
}

// errTexts are errors that begin with ERR, and that say that no script was run.
var errTexts = []string{
	"ERR unknown command", "ERR max number of clients reached", "ERR Protocol error",
}

// judge returns what an error of the append script says about the entry.
func judge(err error) outcome {
	var reply redis.Error
	var network *net.OpError
	switch {
	case errors.As(err, &reply):
		return judgeReply(reply.Error())
	case errors.As(err, &network) && network.Op == "dial":
		return refused
	}
	// go-redis, before it sends.
	for _, before := range []error{
		redis.ErrPoolTimeout, redis.ErrPoolExhausted, redis.ErrClosed,
	} {
		if errors.Is(err, before) {
			return refused
		}
	}
	return unknown
}

func judgeReply(text string) outcome {
	word, _, _ := strings.Cut(text, " ")
	if found, ok := replies[word]; ok {
		return found
	}
	if strings.Contains(text, "@user_script") {
		return refused
	}
	for _, begin := range errTexts {
		if strings.HasPrefix(text, begin) {
			return refused
		}
	}
	return unknown
}
