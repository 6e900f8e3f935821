package main

import (
	"time"
	_ "unsafe" // for go:linkname
)

// The times of the server's Raft, a quarter of what they are: so a leader is chosen in a
// second or two, and a test needs not wait for ten. The server's own tests set them too.

//go:linkname minElectionTimeout github.com/nats-io/nats-server/v2/server.minElectionTimeout
var minElectionTimeout time.Duration

//go:linkname maxElectionTimeout github.com/nats-io/nats-server/v2/server.maxElectionTimeout
var maxElectionTimeout time.Duration

//go:linkname hbInterval github.com/nats-io/nats-server/v2/server.hbInterval
var hbInterval time.Duration

//go:linkname lostQuorumInterval github.com/nats-io/nats-server/v2/server.lostQuorumInterval
var lostQuorumInterval time.Duration

//go:linkname lostQuorumCheck github.com/nats-io/nats-server/v2/server.lostQuorumCheck
var lostQuorumCheck time.Duration

func hurry() {
	for _, d := range []*time.Duration{&minElectionTimeout, &maxElectionTimeout, &hbInterval,
		&lostQuorumInterval, &lostQuorumCheck} {
		*d /= 4
	}
}
