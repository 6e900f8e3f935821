package natsrooms

import (
	"errors"
	"fmt"
	"testing"

	"github.com/nats-io/nats.go"
)

// An error that was there before is no refusal: a right that was missing may be there
// now.
func TestRefusal(t *testing.T) {
	violation := func(subject string) error {
		return fmt.Errorf("%w: permissions violation for subscription to %q",
			nats.ErrPermissionViolation, subject)
	}
	refused, other := violation("rooms.na"), violation("rooms.nab")
	tests := []struct {
		name          string
		before, after error
		want          error
	}{
		{name: "all is well"},
		{name: "refused", after: refused, want: refused},
		{name: "refused after something else", before: other, after: refused, want: refused},
		{name: "refused before", before: refused, after: refused},
		{name: "refused again", before: violation("rooms.na"), after: refused, want: refused},
		{name: "another subject refused", after: other},
		{name: "another error", after: errors.New(`about "rooms.na"`)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := refusal("rooms.na", test.before, test.after); got != test.want {
				t.Errorf("refusal = %v, want %v", got, test.want)
			}
		})
	}
}
