package natsrooms

import (
	"errors"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
)

// refusal returns the server's error if it refused the subject. before and after are the
// connection's last errors before the subscription and after the flush: the server sends
// the refusal before it answers the flush. nats.go passes it only to its error handler;
// without this check the room would silently get no messages.
func refusal(subject string, before, after error) error {
	if after == before || !errors.Is(after, nats.ErrPermissionViolation) ||
		!strings.Contains(after.Error(), strconv.Quote(subject)) {
		return nil
	}
	return after
}
