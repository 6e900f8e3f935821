package redisrooms

import (
	"cmp"
	"fmt"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/limit"
)

// LogOptions configures a [Log]. [NewLog] copies it. A zero field means its default.
type LogOptions struct {
	// Prefix begins the names of all keys and channels. Logs with the same prefix on the
	// same servers have the same rooms. It must not contain braces. Default: "rooms".
	Prefix string

	// Count is how many messages of each room are kept. Default: 256. Negative: no
	// limit.
	Count int

	// Age is how long a room is kept after its last message, and after the last process
	// has stopped following it. The messages of a busy room may be older. Default: 24 h;
	// at least a second. Negative: no limit.
	Age time.Duration

	// Window is how long an id is remembered. Each takes some 200 bytes of the server's
	// memory. Default: 2 min, or Age if that is less.
	Window time.Duration

	// Wait limits how long appending, reading or following may take. Default: 5 s.
	Wait time.Duration

	// Pending is how many messages may wait for each of the log's workers. There are
	// GOMAXPROCS workers. Messages beyond it are dropped, and then read from the log.
	// Default: 8192.
	Pending int
}

func compileLog(o *LogOptions) LogOptions {
	var c LogOptions
	if o != nil {
		c = *o
	}
	c.Prefix = compilePrefix("LogOptions", c.Prefix)
	c.Count = limit.Of(c.Count, 256)
	c.Age = limit.Of(c.Age, 24*time.Hour)
	c.Window = cmp.Or(c.Window, min(2*time.Minute, c.Age))
	c.Wait = cmp.Or(c.Wait, 5*time.Second)
	c.Pending = compilePending("LogOptions", c.Pending)
	if c.Age < time.Second || c.Window > c.Age {
		panic(fmt.Sprintf("redisrooms: LogOptions: Age %v is less than a second, or than "+
			"Window %v", c.Age, c.Window))
	}
	if c.Window < c.Wait || c.Wait < 0 {
		panic(fmt.Sprintf("redisrooms: LogOptions: Window %v is less than Wait %v, or that "+
			"is negative", c.Window, c.Wait))
	}
	return c
}
