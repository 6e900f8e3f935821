package redisrooms

import (
	"time"

	"github.com/redis/go-redis/v9"
)

// Recommended sets options of go-redis for a client that rooms use. A broker or log
// works with every client, because it changes what breaks its promises on a copy of its
// own; these settings make outages shorter. Call it before redis.NewUniversalClient, and
// change afterwards what you must.
//
//   - A server that cannot be reached is given up after two seconds and one attempt
//     (DialTimeout, DialerRetries). By default that takes up to 25 seconds.
//   - A server that does not answer is given up after three seconds (ReadTimeout,
//     WriteTimeout), or when the context ends (ContextTimeoutEnabled).
//   - No command is sent twice (MaxRetries).
func Recommended(o *redis.UniversalOptions) {
	o.DialTimeout = 2 * time.Second
	o.DialerRetries = 1
	o.ReadTimeout, o.WriteTimeout = serverWait, serverWait
	o.ContextTimeoutEnabled = true
	o.MaxRetries = -1
}
