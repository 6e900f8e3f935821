package natsbroker

import (
	"errors"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
)

// refusal returns the server's error if it refused the subject, which it says before it
// answers the flush that follows. Before and after are the connection's last errors, from
// before the subscription and from after the flush. nats.go tells only its error handler;
// without this, the room would be deaf.
func refusal(subject string, before, after error) error {
	if after == before || !errors.Is(after, nats.ErrPermissionViolation) ||
		!strings.Contains(after.Error(), strconv.Quote(subject)) {
		return nil
	}
	return after
}
