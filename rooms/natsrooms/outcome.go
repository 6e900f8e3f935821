package natsrooms

import (
	"errors"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// outcome is what an error of a publish says about the message.
type outcome int

const (
	// unknown: the message may be in the stream, or get there. Try again with its id.
	unknown outcome = iota
	// refused: it is not in the stream, and never will be.
	refused
	// moved: another entry came first. It is not in the stream behind the one it names;
	// try again behind the present last one.
	moved
	// absent: nobody took it. Try again.
	absent
)

// codes has the errors of JetStream that the server gives to a publish, as of version
// 2.14. Any other code is unknown: a wrong "refused" would be a promise that is not
// kept.
var codes = map[jetstream.ErrorCode]outcome{
	// Checked before the message is stored or proposed to the replicas.
	10002: refused, // the account has no resources left
	10023: refused, // the server has no resources left
	10028: refused, // no memory left
	10047: refused, // no storage left
	10054: refused, // larger than the stream's messages may be
	10060: refused, // another stream takes the subject
	10097: refused, // the headers are too large
	10109: refused, // the stream is sealed
	10166: refused, // it has a time to live, and the stream allows none
	10165: refused, // its time to live is malformed
	10168: refused, // it counts, and the stream does not
	10169: refused, // it does not count, and the stream does
	10170: refused, // it counts, and has data
	10171: refused, // its count is malformed
	10188: refused, // it is scheduled, and the stream allows none

	// Checked before it is stored, in this attempt. An earlier attempt may be stored:
	// then the next one is answered as a duplicate.
	10071: moved, // another entry is the last
	10164: moved, // another entry of the room is on its way

	// Its own first copy is on its way through the replicas, and may get there.
	10158: unknown,
	// The leader, or the stream of one server, could not store it; replicas may have
	// it, and so may the file.
	10077: unknown,
	// The leader's stream is not where the replicas' log is: they may have stored it.
	10063: unknown,
	// A batch has it twice. We send none, so the server means something else.
	10201: unknown,
}

// judge returns what an error of a publish says about the message.
func judge(err error) outcome {
	var api *jetstream.APIError
	switch {
	case errors.As(err, &api):
		return codes[api.ErrorCode]
	case errors.Is(err, nats.ErrNoResponders):
		return absent
	}
	// nats.go, before it sends. ErrConnectionClosed is not among them: it also ends
	// waiting for the answer.
	for _, before := range []error{
		nats.ErrMaxPayload, nats.ErrReconnectBufExceeded, nats.ErrConnectionDraining,
		nats.ErrPermissionViolation,
	} {
		if errors.Is(err, before) {
			return refused
		}
	}
	return unknown
}
