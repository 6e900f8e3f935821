package natsbroker

import (
	"errors"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
)

// refusal returns the server's error if it refused the subject, which it says before it
// answers the flush that follows. Before is the connection's last error until then.
// nats.go tells only its error handler; without this, the room would be deaf.
func refusal(nc *nats.Conn, subject string, before error) error {
	err := nc.LastError()
	if err == before || !errors.Is(err, nats.ErrPermissionViolation) ||
		!strings.Contains(err.Error(), strconv.Quote(subject)) {
		return nil
	}
	return err
}
