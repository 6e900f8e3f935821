package redisrooms

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// script is a script on the servers. Scripts run one at a time, each as a whole: nothing
// comes between what one reads and what it writes.
type script struct{ source, hash string }

// newScript makes a script of the function call and its own text. Head is empty, or its
// first line with flags.
func newScript(head, text string) script {
	source := head + callLua + text
	return script{source, redis.NewScript(source).Hash()}
}

// callLua is redis.call, but an error names the command and its first argument, which
// Redis leaves out.
const callLua = `
local function call(...)
	local reply = redis.pcall(...)
	if type(reply) == 'table' and reply.err then
		local name, first = ...
		error({err = reply.err .. ' [' .. name .. ' ' .. (first or '') .. ']'})
	end
	return reply
end
`

// run runs a script. It sends the script itself only if the server does not know it. An
// error names the first key.
func (c *client) run(ctx context.Context, s script, keys []string, args ...any) (any, error) {
	answer, err := c.send(ctx, "evalsha", s.hash, keys, args)
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		answer, err = c.send(ctx, "eval", s.source, keys, args)
	}
	if err != nil {
		err = fmt.Errorf("redisrooms: %s: %w", keys[0], err)
	}
	return answer, err
}

func (c *client) send(ctx context.Context, command, s string, keys []string, args []any) (
	any, error,
) {
	all := append(make([]any, 0, 3+len(keys)+len(args)), command, s, len(keys))
	for _, key := range keys {
		all = append(all, key)
	}
	cmd := once{redis.NewCmd(ctx, append(all, args...)...)}
	_ = c.any().Process(ctx, cmd)
	return cmd.Result()
}

// once is a command that a client of a cluster does not send again if its answer is
// lost. It still goes to the server that has its keys now.
type once struct{ *redis.Cmd }

// NoRetry implements redis.Cmder.
func (once) NoRetry() bool { return true }
