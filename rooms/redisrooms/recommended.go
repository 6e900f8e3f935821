package redisrooms

import (
	"time"

	"github.com/redis/go-redis/v9"
)

// Recommended sets options of go-redis for a client that rooms use. A broker or log
// works with every client, because it changes what breaks its promises on a copy of its
// own; these settings make outages shorter. Call it before redis.NewClient or
// redis.NewUniversalClient, and change afterwards what you must.
//
//   - A server that cannot be reached is given up after two seconds and one attempt
//     (DialTimeout, DialerRetries). By default that takes up to 25 seconds.
//   - A server that does not answer is given up after three seconds (ReadTimeout,
//     WriteTimeout), or when the context ends (ContextTimeoutEnabled).
//   - No command is sent twice (MaxRetries).
func Recommended[O *redis.Options | *redis.UniversalOptions](o O) {
	switch o := any(o).(type) {
	case *redis.Options:
		recommend(&o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.DialerRetries,
			&o.MaxRetries, &o.ContextTimeoutEnabled)
	case *redis.UniversalOptions:
		recommend(&o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.DialerRetries,
			&o.MaxRetries, &o.ContextTimeoutEnabled)
	}
}

func recommend(dial, read, write *time.Duration, dials, retries *int, context *bool) {
	*dial, *read, *write = 2*time.Second, serverWait, serverWait
	*dials, *retries, *context = 1, -1, true
}
